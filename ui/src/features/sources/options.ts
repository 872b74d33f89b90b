import { keyOfName } from "../../meta/keys";
import type { OptionSchema } from "./queries";

/** What a source, or one of its streams, is told, by name. */
export type Options = Record<string, unknown>;
export type OptionKind = "text" | "number" | "switch" | "choice" | "words" | "entries" | "json";

/** The schema of an option that may also be left empty, without that. */
export function plainOf(schema: OptionSchema): OptionSchema {
  return schema.anyOf?.find((each) => each.type !== "null") ?? schema;
}

/** How an option of a source is typed in. What is nested otherwise is typed as JSON. */
export function kindOf(schema: OptionSchema): OptionKind {
  const plain = plainOf(schema);
  if (plain.enum) return "choice";
  const inner = [...(plain.prefixItems ?? []), ...(plain.items ? [plain.items] : [])];
  switch (plain.type) {
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "switch";
    case "string":
      return "text";
    case "array":
      return inner.length > 0 && inner.every((each) => each.type === "string") ? "words" : "json";
    default:
      return typeof plain.additionalProperties === "object" && plain.additionalProperties.properties
        ? "entries"
        : "json";
  }
}

/** Entries with one under another name, in its place; a name that is taken changes nothing. */
export function renamed<T>(entries: Record<string, T>, from: string, to: string): Record<string, T> {
  if (from !== to && to in entries) return entries;
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key === from ? to : key, value]));
}

// What an entry reads from: the table of a database, the names of a folder's files.
const READS = ["table", "pattern"];

/** Entries with one changed. A new one that nobody has named (`stream_1`) is named for its table or its files, where
 * that is in Latin letters; `kept` are the names that mappings may know already. */
export function changed(
  entries: Record<string, Options>,
  key: string,
  options: Options,
  kept: readonly string[],
): Record<string, Options> {
  const after = { ...entries, [key]: options };
  const read = READS.map((each) => options[each]).find((each) => typeof each === "string");
  const was = READS.map((each) => entries[key]?.[each]).find((each) => typeof each === "string");
  const others = Object.keys(entries).filter((each) => each !== key);
  if (typeof read !== "string" || kept.includes(key) || !(isNumbered(key) || key === nameFor(was, others)))
    return after;
  return renamed(after, key, nameFor(read, others));
}

export const STREAM = "stream";
const isNumbered = (key: string) => new RegExp(`^${STREAM}_\\d+$`).test(key);

/** `dbo.SO_SOMain` is so_somain, `orders-*.csv` orders. */
const nameFor = (read: unknown, taken: readonly string[]): string =>
  keyOfName(
    String(read ?? "")
      .replace(/\.(csv|tsv|txt|xlsx|xlsm|xls|\*)$/i, "")
      .replace(/^.*\./, ""),
    STREAM,
    taken,
  );

/** A typed JSON; undefined while it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The counts of a run that say something, in the order people read them. */
const ORDER = ["read", "new", "inserted", "changed", "updated", "same", "unchanged", "deleted", "waiting", "refused"];

export function countsOf(counts: Record<string, number>): [string, number][] {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other));
}
