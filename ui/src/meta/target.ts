import type { FieldDef, Model, ObjectDef, RecordRow } from "../api/types";

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

/** The field at the end of a dotted path from an object; a date's bucket (`day:month`) is no part of the path. */
export function fieldAt(objects: readonly ObjectDef[], object: string, path: string): FieldDef | undefined {
  let owner: string | undefined = object;
  let field: FieldDef | undefined;
  for (const key of (path.split(":")[0] ?? path).split(".")) {
    const definition: ObjectDef | undefined = objects.find((each) => each.key === owner);
    const fields = [
      ...(definition?.fields ?? []),
      ...(definition?.metrics ?? []),
      ...(definition?.system_fields ?? []),
    ];
    // A formula may name a field by its key or by either label.
    field = fields.find((each) => each.key === key) ?? fields.find(({ label }) => label.zh === key || label.en === key);
    owner = field && targetOf(field);
  }
  return field;
}
