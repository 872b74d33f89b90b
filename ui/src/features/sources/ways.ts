import type { FieldDef, ObjectDef } from "../../api/types";
import type { Mapping } from "./queries";

export type { Mapping };

/** Types by whose values a record can be found: codes, names, numbers people write. */
export const NAMING_TYPES = ["text", "auto_number", "phone", "email", "url"];

/** The object that a relation, person or team leads to. */
export function targetOf(field: FieldDef): string | undefined {
  if (field.type === "relation") return typeof field.options.target === "string" ? field.options.target : undefined;
  return field.type === "person" || field.type === "team" ? field.type : undefined;
}

/** The fields that a mapping may fill: the object's own, and whose record it is. */
export const fillable = (object: ObjectDef): FieldDef[] => [
  ...object.fields.filter((each) => each.type !== "formula"),
  ...(object.system_fields ?? []).filter((each) => each.key === "owner"),
];

/** A field of a mapping before anything is said of it. */
export const blankField = (field: string): Mapping["fields"][number] => ({
  field,
  value: "",
  wins: "source",
  by: [],
  like: null,
  create_missing: false,
  push: null,
});

/** What is said of a field beside its value, in few words, for the line that is folded. */
export function saidOf(mapped: Mapping["fields"][number]): ("found" | "compared" | "made" | "pushed")[] {
  return [
    ...(mapped.by.length > 0 ? (["found"] as const) : []),
    ...(mapped.like !== null ? (["compared"] as const) : []),
    ...(mapped.create_missing ? (["made"] as const) : []),
    ...(mapped.push !== null ? (["pushed"] as const) : []),
  ];
}
