import type { FieldDef } from "../api/types";
import type { TreeNode } from "../formula/tree";

/** One line of the filter builder. `values` are texts as the formula language writes constants. */
export interface Condition {
  field: string;
  operator: string;
  values: string[];
}

export interface Conditions {
  join: "and" | "or";
  items: Condition[];
}

/** How the formula language says an operator; the same table as the server's `model.operators`. */
const TEMPLATES: Record<string, string> = {
  equals: "{field} = {value}",
  differs: "{field} != {value}",
  less: "{field} < {value}",
  at_most: "{field} <= {value}",
  greater: "{field} > {value}",
  at_least: "{field} >= {value}",
  between: "{field} BETWEEN {value} AND {other}",
  before: "{field} < {value}",
  after: "{field} > {value}",
  in: "{field} IN ({value})",
  not_in: "{field} NOT IN ({value})",
  contains: "CONTAINS({field}, {value})",
  lacks: "NOT CONTAINS({field}, {value})",
  starts_with: "STARTS_WITH({field}, {value})",
  ends_with: "ENDS_WITH({field}, {value})",
  has_any: "HAS_ANY({field}, {value})",
  has_all: "HAS_ALL({field}, {value})",
  is_true: "{field} = TRUE",
  is_false: "{field} = FALSE",
  is_me: "{field} = ME()",
  is_my_team: "{field} = MY_TEAM()",
  is_blank: "{field} IS BLANK",
  is_not_blank: "{field} IS NOT BLANK",
};
export const LISTS = new Set(["in", "not_in", "has_any", "has_all"]);
const BARE = new Set(["number", "duration"]);

/** How many values an operator wants. */
export function operands(operator: string): number {
  const template = TEMPLATES[operator] ?? "";
  return (template.includes("{value}") ? 1 : 0) + (template.includes("{other}") ? 1 : 0);
}

export function isComplete(condition: Condition): boolean {
  const wanted = operands(condition.operator);
  return condition.values.slice(0, Math.max(wanted, 0)).filter((each) => each !== "").length >= wanted;
}

/** The formula of the conditions that are complete; undefined if none is. */
export function writeFilter(given: Conditions, fields: FieldDef[]): string | undefined {
  const kinds = new Map(fields.map((each) => [each.key, each.kind ?? each.type]));
  const parts = given.items.filter(isComplete).map((each) => written(each, kinds.get(each.field) ?? "text"));
  if (parts.length === 0) return undefined;
  return parts.join(given.join === "and" ? " AND " : " OR ");
}

function written({ field, operator, values }: Condition, kind: string): string {
  const constant = (text: string) =>
    BARE.has(kind) && /^-?\d+(\.\d+)?$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
  const value = LISTS.has(operator) ? values.map(constant).join(", ") : constant(values[0] ?? "");
  const template = TEMPLATES[operator] ?? "";
  // In one pass: a value that holds a brace is not filled in again.
  return template.replace(/\{(field|value|other)\}/g, (_, name) =>
    name === "field" ? field : name === "value" ? value : constant(values[1] ?? ""),
  );
}

/** The conditions that a parsed formula consists of; null where it says more than the builder can show. */
export function readFilter(tree: TreeNode): Conditions | null {
  const join = tree.k === "call" && tree.f === "or" ? "or" : "and";
  const items: Condition[] = [];
  for (const part of flat(tree, join)) {
    const found = condition(part);
    if (found === null) return null;
    const before = items.at(-1);
    // BETWEEN comes as two comparisons of the same field.
    if (
      join === "and" &&
      before?.field === found.field &&
      before.operator === "at_least" &&
      found.operator === "at_most"
    ) {
      items[items.length - 1] = {
        field: found.field,
        operator: "between",
        values: [before.values[0] ?? "", found.values[0] ?? ""],
      };
    } else items.push(found);
  }
  return { join, items };
}

function flat(node: TreeNode, join: string): TreeNode[] {
  return node.k === "call" && node.f === join ? node.a.flatMap((each) => flat(each, join)) : [node];
}

const COMPARED: Record<string, string> = {
  "=": "equals",
  "!=": "differs",
  "<>": "differs",
  "<": "less",
  "<=": "at_most",
  ">": "greater",
  ">=": "at_least",
};
const CALLED: Record<string, string> = {
  CONTAINS: "contains",
  STARTS_WITH: "starts_with",
  ENDS_WITH: "ends_with",
  HAS_ANY: "has_any",
  HAS_ALL: "has_all",
  in: "in",
  is_blank: "is_blank",
};
const OPPOSITE: Record<string, string> = { contains: "lacks", in: "not_in", is_blank: "is_not_blank" };

function condition(node: TreeNode): Condition | null {
  if (node.k !== "call") return null;
  if (node.f === "not") {
    const inner = node.a[0] === undefined ? null : condition(node.a[0]);
    const opposite = inner === null ? undefined : OPPOSITE[inner.operator];
    return inner !== null && opposite !== undefined ? { ...inner, operator: opposite } : null;
  }
  const field = fieldOf(node.a[0]);
  if (field === null) return null;
  if (node.f === "is_blank") return { field: field.key, operator: "is_blank", values: [] };
  const named = CALLED[node.f];
  const given = node.a.slice(1).flatMap((each) => (each.k === "call" && each.f === "list" ? [...each.a] : [each]));
  if (given.length === 1 && given[0]?.k === "param") {
    if (node.f !== "=") return null;
    if (given[0].n === "me") return { field: field.key, operator: "is_me", values: [] };
    return given[0].n === "my_team" ? { field: field.key, operator: "is_my_team", values: [] } : null;
  }
  const values = given.map((each) => (each.k === "lit" ? each.v : null));
  if (values.some((each) => each === null)) return null;
  if (typeof values[0] === "boolean")
    return node.f === "=" ? { field: field.key, operator: values[0] ? "is_true" : "is_false", values: [] } : null;
  const texts = values.map(String);
  if (named !== undefined) return { field: field.key, operator: named, values: texts };
  const compared = COMPARED[node.f];
  if (compared === undefined || texts.length !== 1) return null;
  const moment = field.kind === "date" || field.kind === "datetime";
  const operator = moment && compared === "less" ? "before" : moment && compared === "greater" ? "after" : compared;
  return { field: field.key, operator, values: texts };
}

/** The field of a comparison; a moment may be wrapped into the day it is on. */
function fieldOf(node: TreeNode | undefined): { key: string; kind: string } | null {
  if (node?.k === "call" && node.f === "DATE" && node.a.length === 1) return fieldOf(node.a[0]);
  if (node?.k !== "field" || node.p.length !== 1 || node.p[0] === undefined) return null;
  return { key: node.p[0], kind: typeof node.t === "string" ? node.t : node.t.kind };
}
