import type { FieldDef, ObjectDef } from "../../api/types";

const OWNER: FieldDef = {
  key: "owner",
  type: "person",
  label: { zh: "负责人", en: "Owner" },
  options: {},
  required: false,
  builtin: true,
};
const CHANGED: FieldDef = {
  key: "changed_at",
  type: "datetime",
  label: { zh: "修改时间", en: "Changed at" },
  options: {},
  required: false,
  builtin: true,
};

/** The columns of a list: the title first, then the fields in their order, then whose it is and when it changed. */
export function columnsOf(object: ObjectDef): FieldDef[] {
  const own = object.fields.filter((field) => !["id", "version", "owner", "changed_at"].includes(field.key));
  const title = own.find((field) => field.key === object.title);
  const rest = own.filter((field) => field !== title && !field.key.startsWith("_"));
  const found = [...(title ? [title] : []), ...rest];
  return [...found, systemOf(object, OWNER), systemOf(object, CHANGED)];
}

/** What a person may type in: the object's own fields and the owner. */
export function inputsOf(object: ObjectDef): FieldDef[] {
  const systems = new Set([
    "id",
    "version",
    "created_at",
    "created_by",
    "changed_at",
    "changed_by",
    "deleted_at",
    "owner",
  ]);
  const owner = systemOf(object, OWNER);
  return [...object.fields.filter((field) => !systems.has(field.key)), owner];
}

/** A system field as the model tells it, with what the person may do with it. */
function systemOf(object: ObjectDef, otherwise: FieldDef): FieldDef {
  return object.system_fields?.find((field) => field.key === otherwise.key) ?? otherwise;
}
