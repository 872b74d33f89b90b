import type { FunctionShown } from "../../api/schema";
import type { FieldDef, Label, Model } from "../../api/types";
import { targetOf } from "../../meta/target";
import { namedFields } from "../definitions";

/** What is offered at the caret: `text` takes the place of `[from, to)`, the caret then stands at `caret`. */
export interface Offer {
  text: string;
  caret: number;
  from: number;
  to: number;
  kind: "field" | "function" | "word";
  label: string;
  detail: string;
}

export type FunctionEntry = FunctionShown;

const WORDS = ["AND", "OR", "NOT", "IN", "NOT IN", "BETWEEN", "IS BLANK", "IS NOT BLANK", "TRUE", "FALSE"];
const MOST = 12;
// A path of names, each a word or a label in brackets; the last may be unfinished.
const PATH = /(?:(?:\[[^\]\n]*\]|[\p{L}_][\p{L}\p{N}_]*)\.)*(?:\[[^\]\n]*|[\p{L}_][\p{L}\p{N}_]*)?$/u;

/** The path before the caret: the relations gone through, and what is typed of the last name. */
export function typedAt(text: string, caret: number): { through: string[]; typed: string; from: number } | null {
  const before = text.slice(0, caret);
  // Inside a text constant nothing is offered.
  if ((before.match(/'/g) ?? []).length % 2 === 1 || (before.match(/"/g) ?? []).length % 2 === 1) return null;
  const path = PATH.exec(before)?.[0] ?? "";
  if (path === "") return null;
  const names = path.match(/\[[^\]\n]*\]?|[^.[\]]+/gu) ?? [];
  const typed = path.endsWith(".") ? "" : (names.pop() ?? "");
  return { through: names.map((each) => each.replace(/^\[|\]$/g, "")), typed, from: caret - typed.length };
}

/** What can stand at the caret, best first. */
export function offersAt(
  model: Model,
  object: string,
  functions: FunctionEntry[],
  language: keyof Label,
  text: string,
  caret: number,
): Offer[] {
  const place = typedAt(text, caret);
  if (place === null) return [];
  const { through, typed, from } = place;
  const inner = through.reduce<string | undefined>((at, name) => {
    const field = at === undefined ? undefined : namedFields(model, at).find((each) => isNamed(each, name));
    return field && targetOf(field);
  }, object);
  const bracket = typed.startsWith("[");
  const wanted = typed.replace(/^\[/, "").toLowerCase();
  const found: (Offer & { rank: number })[] = [];
  if (inner !== undefined)
    for (const field of namedFields(model, inner)) {
      const rank = rankOf(wanted, [field.key, field.label.zh, field.label.en]);
      if (rank === null) continue;
      // Labels where a person writes labels, keys where they write keys.
      const text =
        bracket || !/^[\x20-\x7e]*$/.test(wanted) ? `[${field.label[language] || field.label.zh}]` : field.key;
      const label = field.label[language] || field.label.zh;
      found.push({ text, caret: from + text.length, from, to: caret, kind: "field", label, detail: field.key, rank });
    }
  if (through.length === 0 && !bracket && wanted !== "") {
    for (const each of functions) {
      const rank = rankOf(wanted, [each.name, ...each.aliases]);
      if (rank === null) continue;
      const text = `${each.name}()`;
      // A function without parameters is complete.
      const inside = /\(\s*\)/.test(each.signature) ? text.length : text.length - 1;
      const kind = "function" as const;
      found.push({
        text,
        caret: from + inside,
        from,
        to: caret,
        kind,
        label: each.signature,
        detail: each.meaning,
        rank,
      });
    }
    for (const word of WORDS)
      if (word.toLowerCase().startsWith(wanted) && word.toLowerCase() !== wanted) {
        const caretAfter = from + word.length + 1;
        found.push({
          text: `${word} `,
          caret: caretAfter,
          from,
          to: caret,
          kind: "word",
          label: word,
          detail: "",
          rank: 1,
        });
      }
  }
  found.sort((a, b) => a.rank - b.rank);
  return found.slice(0, MOST).map(({ rank: _, ...offer }) => offer);
}

const isNamed = (field: FieldDef, name: string) =>
  [field.key, field.label.zh, field.label.en].some((each) => each.toLowerCase() === name.toLowerCase());

/** 0 for a beginning, 1 for a part; null for none, and for what is complete already. */
function rankOf(wanted: string, names: string[]): number | null {
  const lower = names.filter(Boolean).map((each) => each.toLowerCase());
  if (wanted !== "" && lower.includes(wanted)) return lower[0] === wanted ? null : 0;
  if (lower.some((each) => each.startsWith(wanted))) return 0;
  return lower.some((each) => each.includes(wanted)) ? 1 : null;
}

/** The piece of a text that a fault points at: what stands before, the word itself, what follows. */
export function pointedAt(text: string, position: number): [string, string, string] {
  const at = Math.min(Math.max(position, 0), text.length);
  const rest = text.slice(at);
  const word = /^(\[[^\]\n]*\]?|[\p{L}\p{N}_.]+|\S)/u.exec(rest)?.[0] ?? "";
  return [text.slice(Math.max(0, at - 24), at), word, rest.slice(word.length, word.length + 16)];
}
