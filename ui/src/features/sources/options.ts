import type { OptionSchema } from "./queries";

export type OptionKind = "text" | "number" | "switch" | "choice" | "json";

/** How an option of a source is typed in. Lists and nested options are typed as JSON. */
export function kindOf(schema: OptionSchema): OptionKind {
  if (schema.enum) return "choice";
  const type = schema.type ?? schema.anyOf?.find((each) => each.type !== "null")?.type;
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "switch";
  return type === "string" ? "text" : "json";
}

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
