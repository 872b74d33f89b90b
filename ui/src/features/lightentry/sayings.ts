import type { FieldDef } from "../../api/types";
import { optionsOf } from "../../meta/options";

/**
 * The formulas that the designer says in plain controls. Whatever else a formula says is shown as the formula it is, so
 * that nothing is lost by opening it here.
 */

/** `[stage] NOT IN ('won', 'lost')`: a choice is, or is not, one of several. */
export interface OneOf {
  field: string;
  isNot: boolean;
  keys: string[];
}

const ONE_OF = /^\[(\w+)\]\s+(NOT\s+)?IN\s+\(\s*('\w+'(?:\s*,\s*'\w+')*)\s*\)$/i;
const EQUAL = /^\[(\w+)\]\s*(!=|=)\s*'(\w+)'$/;

/** What a condition says, if it is of this kind over one of these choice fields. */
export function readOneOf(text: string, choices: readonly FieldDef[]): OneOf | undefined {
  const several = ONE_OF.exec(text.trim());
  const single = EQUAL.exec(text.trim());
  const found: OneOf | undefined = several
    ? {
        field: several[1] ?? "",
        isNot: several[2] !== undefined,
        keys: [...(several[3] ?? "").matchAll(/'(\w+)'/g)].map((each) => each[1] ?? ""),
      }
    : single
      ? { field: single[1] ?? "", isNot: single[2] === "!=", keys: [single[3] ?? ""] }
      : undefined;
  const field = choices.find((each) => each.key === found?.field);
  const known = new Set(field && optionsOf(field).map((each) => each.key));
  return found && field && found.keys.every((key) => known.has(key)) ? found : undefined;
}

export const writeOneOf = ({ field, isNot, keys }: OneOf): string | null =>
  keys.length === 0 ? null : `[${field}] ${isNot ? "NOT IN" : "IN"} (${keys.map((key) => `'${key}'`).join(", ")})`;

/** The fields with one of several choices. */
export const choicesOf = (fields: readonly FieldDef[]): FieldDef[] => fields.filter((each) => each.type === "choice");

/** What fills a field: a field of the record it is about, a choice, the moment of the tap; else a formula. */
export type Filling =
  | { kind: "field"; key: string }
  | { kind: "choice"; key: string }
  | { kind: "now" }
  | { kind: "formula" };

export function readFilling(text: string, into: FieldDef | undefined, from: readonly FieldDef[]): Filling {
  const plain = text.trim();
  const field = /^\[(\w+)\]$/.exec(plain)?.[1];
  if (field !== undefined && from.some((each) => each.key === field)) return { kind: "field", key: field };
  const choice = /^'(\w+)'$/.exec(plain)?.[1];
  if (choice !== undefined && into?.type === "choice" && optionsOf(into).some((each) => each.key === choice))
    return { kind: "choice", key: choice };
  if (/^NOW\(\s*\)$/i.test(plain) && into?.type === "datetime") return { kind: "now" };
  return { kind: "formula" };
}

export function writeFilling(filling: Exclude<Filling, { kind: "formula" }>): string {
  if (filling.kind === "field") return `[${filling.key}]`;
  return filling.kind === "choice" ? `'${filling.key}'` : "NOW()";
}

/** The fields whose values may stand in another: of the same kind, and of the same object where they are relations. */
export function takesFrom(into: FieldDef, from: readonly FieldDef[]): FieldDef[] {
  const target = (field: FieldDef) => (field.type === "person" ? "person" : String(field.options.target ?? ""));
  return from.filter((each) => {
    if (TEXTS.has(into.type)) return TEXTS.has(each.type);
    if (RELATIONS.has(into.type))
      return (
        RELATIONS.has(each.type) &&
        target(each) === target(into) &&
        (each.options.many === true) === (into.options.many === true)
      );
    return each.type === into.type && into.type !== "choice";
  });
}

const TEXTS = new Set(["text", "long_text", "auto_number", "phone", "email", "url"]);
const RELATIONS = new Set(["relation", "person"]);
