import type { FieldDef, Model, RecordRow } from "../api/types";

/** The object that a field's values are records of; undefined for a plain value. */
export function targetOf(field: FieldDef): string | undefined {
  if (field.type === "person" || field.type === "team") return field.type;
  return field.type === "relation" ? String(field.options.target) : undefined;
}

/** What stands for a record of an object where one line must do. */
export function titleOf(model: Model | undefined, object: string, row: RecordRow): string {
  const key = model?.objects.find((each) => each.key === object)?.title;
  const title = key ? row[key] : undefined;
  return title === null || title === undefined ? "—" : String(title);
}
