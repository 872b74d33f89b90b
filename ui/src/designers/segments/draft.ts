import { keyOfName, numberedKey } from "../../meta/keys";
import type { SegmentClass, SegmentDef } from "../definitions";
import { both } from "../LabelFields";

export const BLANK_CLASS: SegmentClass = {
  key: "",
  label: { zh: "", en: "" },
  colour: "grey",
  when: "",
  leave_when: null,
  on_entry: [],
};

export function newSegment(object: string): SegmentDef {
  return {
    key: "",
    label: { zh: "", en: "" },
    description: null,
    object,
    classes: [
      { ...BLANK_CLASS, key: "class_1", colour: "red" },
      { ...BLANK_CLASS, key: "class_2", colour: "yellow" },
      { ...BLANK_CLASS, key: "class_3", colour: "green", when: null },
    ],
    minimum_stay: 0,
  };
}

/** The definition as the API takes it; an empty condition is none. */
export function finished(segment: SegmentDef, taken: string[]): SegmentDef {
  const label = both(segment.label);
  return {
    ...segment,
    key: segment.key || keyOfName(label.en, "segment", taken),
    label,
    classes: segment.classes.map((each) => ({
      ...each,
      label: both(each.label),
      when: each.when?.trim() || null,
      leave_when: each.leave_when?.trim() || null,
    })),
  };
}

/** A class more, before the one that takes what is left. */
export function withClass(segment: SegmentDef): SegmentDef {
  const key = numberedKey(
    "class",
    segment.classes.map((each) => each.key),
  );
  const last = segment.classes.at(-1);
  const rest = last?.when === null ? [last] : [];
  const before = rest.length > 0 ? segment.classes.slice(0, -1) : segment.classes;
  return { ...segment, classes: [...before, { ...BLANK_CLASS, key }, ...rest] };
}

/** For each class the condition under which a record falls into it: its own, and none of those above. */
export function exclusive(classes: SegmentClass[]): string[] {
  const above: string[] = [];
  return classes.map((each) => {
    // A condition that is still to be written takes nothing.
    const own = each.when === null ? "TRUE" : each.when.trim() || "FALSE";
    const found = above.reduceRight((inner, condition) => `IF(${condition}, FALSE, ${inner})`, own);
    above.push(own);
    return found;
  });
}
