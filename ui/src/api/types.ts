import type { FormulaDocument } from "../formula";
import type { Caption, HistoryLine, ModelField, ModelObject, ModelShown, ShownFault } from "./schema";

/**
 * The description's types as the screens use them. Two things are said here alone: a record's values, whose fields come
 * from the model and not from the description, and what of a field or object a draft need not have yet.
 */
export type { Me } from "./schema";

type Drafted<T, Needed extends keyof T> = Pick<T, Needed> & Partial<Omit<T, Needed>>;

export type Label = Caption;
export type Fault = ShownFault;
export type Reference = { id: string; label: string | null };
export type FieldValue = string | number | boolean | null | Reference | FieldValue[] | { [key: string]: FieldValue };
export type RecordRow = { id: string; version: number } & Record<string, FieldValue>;

export type ChoiceOption = { key: string; label: Label; colour?: string | null };

export type FieldDef = Drafted<Omit<ModelField, "options" | "live">, "key" | "type" | "label" | "required"> & {
  options: Record<string, unknown>;
  /** Formulas that a form works out while one types; those the browser may not know are left out. */
  live?: { visible_when?: FormulaDocument; hint_when?: FormulaDocument };
};

export type Action = "read" | "create" | "update" | "delete" | "purge" | "export" | "import";

type Fields = "fields" | "metrics" | "system_fields";
export type ObjectDef = Drafted<Omit<ModelObject, Fields | "may">, "key" | "label" | "title" | "builtin"> & {
  fields: FieldDef[];
  system_fields?: FieldDef[];
  metrics?: FieldDef[];
  may?: Record<Action, boolean>;
};

export type Model = Pick<ModelShown, "version"> & { objects: ObjectDef[] };

/** What the API answers: the model with the definitions of who may design. */
export type Designs = Model & Omit<ModelShown, keyof Model>;

export interface Page {
  items: RecordRow[];
  next_cursor: string | null;
  count: number | null;
  count_is_exact: boolean;
}

export type HistoryEntry = Omit<HistoryLine, "before" | "after"> & {
  before: Record<string, FieldValue> | null;
  after: Record<string, FieldValue> | null;
};
