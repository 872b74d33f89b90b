import type { ObjectDef } from "../../api/types";
import type { Guess, Mapping } from "./queries";
import { blankField } from "./ways";

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A path as a formula names it. */
export const inFormula = (path: string): string => (PLAIN.test(path) ? path : `[${path}]`);

/** The guesses for fields that have no value yet. */
export const leftOf = (guesses: readonly Guess[], mapping: Mapping): Guess[] =>
  guesses.filter((guess) => !mapping.fields.some((each) => each.field === guess.field && each.value !== ""));

/** The mapping with what the guesses say: their columns, their fields, and how a record is found again. */
export function withGuesses(
  mapping: Mapping,
  guesses: readonly Guess[],
  columns: readonly Omit<Mapping["columns"][number], "name">[],
  object: ObjectDef,
): Mapping {
  const taken = leftOf(guesses, mapping);
  const fields = [
    ...mapping.fields.filter((each) => !taken.some((guess) => guess.field === each.field)),
    ...taken.map((guess) => ({ ...blankField(guess.field), value: inFormula(guess.path), by: guess.by })),
  ];
  const missing = columns.filter(
    ({ path }) => taken.some((guess) => guess.path === path) && !mapping.columns.some((column) => column.path === path),
  );
  return {
    ...mapping,
    columns: [
      ...mapping.columns.filter(({ path }) => path !== ""),
      ...missing.map((column) => ({ ...column, name: null })),
    ],
    fields,
    match: mapping.match.length > 0 ? mapping.match : usualMatch(object, fields),
  };
}

/** By what records are usually told apart: a field no two share, else the object's title. */
function usualMatch(object: ObjectDef, fields: Mapping["fields"]): string[] {
  const mapped = object.fields.filter((field) => fields.some((each) => each.field === field.key));
  const found = mapped.find((field) => field.unique) ?? mapped.find((field) => field.key === object.title);
  return found === undefined ? [] : [found.key];
}
