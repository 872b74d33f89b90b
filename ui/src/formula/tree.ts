/** The JSON tree of a formula as the server writes it (`tongmai.formula.wire`), and what it is evaluated over. */

export type Kind =
  | "number"
  | "text"
  | "boolean"
  | "date"
  | "datetime"
  | "duration"
  | "choice"
  | "reference"
  | "list"
  | "json"
  | "point"
  | "null";

export type TypeObject = {
  readonly kind: Kind;
  readonly item?: TypeNote;
  readonly target?: string;
  /** key, Chinese label, English label */
  readonly options?: readonly (readonly [string, string, string])[];
};

export type TypeNote = Kind | TypeObject;

export type LiteralNode = { readonly k: "lit"; readonly t: TypeNote; readonly v: string | boolean | null };
export type FieldNode = { readonly k: "field"; readonly t: TypeNote; readonly p: readonly string[] };
export type ParamNode = { readonly k: "param"; readonly t: TypeNote; readonly n: string };
export type CallNode = {
  readonly k: "call";
  readonly t: TypeNote;
  readonly f: string;
  readonly a: readonly TreeNode[];
};
export type TreeNode = LiteralNode | FieldNode | ParamNode | CallNode;

export type FormulaDocument = { readonly v: 1; readonly tree: TreeNode };

/** Values by dotted path (`customer.owner`), as the API's JSON gives them. */
export type Row = Readonly<Record<string, unknown>>;

/** The moment and the actor that a formula is evaluated for. */
export type Moment = {
  /** ISO 8601 with offset */
  readonly now: string;
  /** the workspace's IANA zone */
  readonly zone: string;
  /** all working days of the years that matter, sorted: `2026-03-04` */
  readonly workingDays: readonly string[];
  /** me, my_team, my_teams, my_people, my_subtree */
  readonly params: Readonly<Record<string, string | readonly string[] | null>>;
};

export function kindOf(type: TypeNote): Kind {
  return typeof type === "string" ? type : type.kind;
}

export function optionsOf(type: TypeNote): readonly (readonly [string, string, string])[] {
  return typeof type === "string" ? [] : (type.options ?? []);
}
