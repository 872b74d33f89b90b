import type { EntryMoveOutput, EntryPresetOutput, LightEntryOutput } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { both } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";
import { targetOf } from "../../meta/target";
import type { ObjectDesign } from "../model/definition";

export type Entry = LightEntryOutput;
export type Preset = EntryPresetOutput;
export type EntryMove = EntryMoveOutput;

export const COLOURS = ["blue", "purple", "cyan", "green", "orange", "yellow", "red", "grey"] as const;
export const MOST_PRESETS = 30;
export const MOST_ASKS = 5;

/** The relations of an object that lead to one record each: an entry is about one of them. */
export const aboutFields = (object: ObjectDef): FieldDef[] =>
  object.fields.filter((each) => targetOf(each) !== undefined && each.options.many !== true);

/** The objects that could get light entry: they have none, and lead to something that it would be about. */
export const withoutEntry = (objects: readonly ObjectDesign[]): ObjectDesign[] =>
  objects.filter((each) => !each.builtin && each.light_entry == null && aboutFields(each).some(isBusiness));

const isBusiness = (field: FieldDef) => field.type === "relation";

/** An entry to begin with: about the first relation, which fills what both objects have in common, with one button. */
export function newEntry(object: ObjectDesign): Entry {
  const about = aboutFields(object).find(isBusiness) ?? aboutFields(object)[0];
  return {
    label: { ...object.label },
    about: about?.key ?? "",
    fills: {},
    asks: [],
    seconds: null,
    share: null,
    offered: "own",
    presets: [newPreset([])],
  };
}

export const newPreset = (taken: readonly Preset[]): Preset => ({
  key: numberedKey(
    "preset",
    taken.map((each) => each.key),
  ),
  label: { zh: "", en: "" },
  color: "blue",
  when: null,
  values: {},
  moves: [],
});

/** The entry as it is sent: names in both languages, nothing that was begun and left blank. */
export const finished = (entry: Entry): Entry => ({
  ...entry,
  label: both(entry.label),
  fills: given(entry.fills),
  presets: entry.presets.map((each) => ({
    ...each,
    label: both(each.label),
    when: each.when?.trim() || null,
    values: given(each.values),
    moves: each.moves
      .filter((move) => move.value.trim() !== "")
      .map((move) => ({ ...move, when: move.when?.trim() || null })),
  })),
});

const given = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, text]) => text.trim() !== ""));

/** Whether each name is there; without one nothing can be shown to a person. */
export const isNamed = (entry: Entry): boolean =>
  [entry.label, ...entry.presets.map((each) => each.label)].every((label) => Boolean(label.zh || label.en));
