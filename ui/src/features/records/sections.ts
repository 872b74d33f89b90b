import type { FieldDef, Label, ObjectDef } from "../../api/types";
import { inputsOf } from "./columns";

/** A part of a record page; the first may stand without a heading. */
export interface Section {
  label: Label | null;
  fields: FieldDef[];
}

const REST: Label = { zh: "更多信息", en: "More" };
const SYSTEM = new Set(["created_at", "created_by", "changed_at", "changed_by"]);

/** The sections as the object's layout says or, without one, what a record is known by first, then the rest. */
export function sectionsOf(object: ObjectDef): Section[] {
  const inputs = inputsOf(object).filter((field) => !isTwin(object, field));
  const laidOut = object.form ?? [];
  if (laidOut.length === 0) {
    const first = inputs.filter((field) => field.key === object.title || field.required);
    const rest = inputs.filter((field) => !first.includes(field));
    return [
      { label: null, fields: first },
      { label: first.length > 0 ? REST : null, fields: rest },
    ].filter(hasFields);
  }
  const byKey = new Map([...inputs, ...systemOf(object)].map((field) => [field.key, field]));
  const sections: Section[] = laidOut.map((section) => ({
    label: section.label,
    fields: section.fields.flatMap((key) => byKey.get(key) ?? []),
  }));
  const named = new Set(laidOut.flatMap((section) => section.fields));
  return [...sections, { label: REST, fields: inputs.filter((field) => !named.has(field.key)) }].filter(hasFields);
}

/** What rules say in English beside the Chinese: the field itself is told in the reader's language. */
const isTwin = (object: ObjectDef, { key }: FieldDef) =>
  object.builtin && key.endsWith("_en") && object.fields.some((each) => `${each.key}_en` === key);

/** Who made and changed the record, and when. */
export const systemOf = (object: ObjectDef): FieldDef[] =>
  (object.system_fields ?? []).filter((field) => SYSTEM.has(field.key));

const hasFields = (section: Section) => section.fields.length > 0;
