import type { FormulaDocument } from "../formula";

/** What the API answers, as far as the screens read it. Records are dynamic: their fields come from the model. */
export type Label = { zh: string; en: string };
export type Reference = { id: string; label: string | null };
export type FieldValue = string | number | boolean | null | Reference | FieldValue[] | { [key: string]: FieldValue };
export type RecordRow = { id: string; version: number } & Record<string, FieldValue>;

export type ChoiceOption = { key: string; label: Label; colour?: string | null };

export interface FieldDef {
  key: string;
  type: string;
  label: Label;
  description?: Label | null;
  options: Record<string, unknown>;
  required: boolean;
  unique?: boolean;
  searchable?: boolean;
  builtin?: boolean;
  /** The kind of its values in formulas, and the filter operators offered for it. */
  kind?: string;
  operators?: string[];
  /** Advice that never blocks; without `when` it stands while the field is blank. */
  hint?: { message: Label; when: string | null } | null;
  /** Formulas that a form works out while one types; those the browser may not know are left out. */
  live?: { visible_when?: FormulaDocument; hint_when?: FormulaDocument };
  /** What the reader's policies can allow on some record; only the API knows. */
  may?: { read: boolean; create: boolean; update: boolean };
}

export type Action = "read" | "create" | "update" | "delete" | "purge" | "export" | "import";

export interface ObjectDef {
  key: string;
  label: Label;
  plural?: Label | null;
  title: string | null;
  icon?: string | null;
  /** The sections of its record page; without any the page has its usual ones. */
  form?: { label: Label; fields: string[] }[];
  fields: FieldDef[];
  system_fields?: FieldDef[];
  metrics?: FieldDef[];
  builtin: boolean;
  may?: Record<Action, boolean>;
}

export interface Model {
  version: number;
  objects: ObjectDef[];
}

export interface Page {
  items: RecordRow[];
  next_cursor: string | null;
  count: number | null;
  count_is_exact: boolean;
}

export interface Me {
  person: { id: string; name: string };
  workspace: { key: string; label: Label; zone: string };
  roles: string[];
  manages: string[];
}

export interface Fault {
  code: string;
  message: string;
  way_out?: string;
  field?: string;
  row?: number;
}

export interface HistoryEntry {
  seq: number;
  at: string;
  version: number;
  action: "create" | "update" | "delete" | "restore" | "purge";
  actor: Reference | null;
  via: string;
  cause: string | null;
  before: Record<string, FieldValue> | null;
  after: Record<string, FieldValue> | null;
}
