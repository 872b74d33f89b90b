import type { Label } from "../../api/types";

export type Definition = { [key: string]: unknown } | null;

/** What a place in a definition is called: a property by its name there, one of its items by what people call it. */
export type Step = { property: string } | { item: string };

/** Where sides differ, and what each says there; blank where there is none. */
export interface Difference<Side extends string> {
  at: Step[];
  said: Record<Side, string>;
}

/** The words by which what the program names itself is told. */
export interface Telling {
  yesNo: (value: boolean) => string;
  property: (name: string) => string;
  kind: (kind: string) => string;
}

/**
 * The places at which the sides of one definition are not all the same. What has parts is gone into: of a board with
 * sixty widgets only what differs in one of them is told.
 */
export function differences<Side extends string>(
  of: Record<NoInfer<Side>, Definition>,
  sides: Side[],
  telling: Telling,
): Difference<Side>[] {
  return within(
    [],
    sides.map((side) => of[side]),
    telling,
  ).map(({ at, said }) => ({
    at,
    said: Object.fromEntries(sides.map((side, n) => [side, said[n] ?? ""])) as Record<Side, string>,
  }));
}

type Found = { at: Step[]; said: string[] };

function within(at: Step[], values: unknown[], telling: Telling): Found[] {
  if (new Set(values.map((value) => JSON.stringify(value ?? null))).size === 1) return [];
  const there = values.filter((value) => value !== null && value !== undefined);
  // What only some sides have is told as one: its parts differ from nothing.
  const whole = there.length < values.length && at.length > 0;
  if (!whole && there.every(isItems)) {
    const names = [...new Set(there.flatMap((items) => [...namesOf(items, telling).keys()]))];
    const inside = names.flatMap((item) =>
      within(
        [...at, { item }],
        values.map((items) => namesOf(items as Parts[], telling).get(item)),
        telling,
      ),
    );
    if (inside.length > 0) return inside;
    // The same items in another order.
    return [{ at, said: values.map((items) => [...namesOf(items as Parts[], telling).keys()].join(" → ")) }];
  }
  if (!whole && there.every(hasParts)) {
    const names = [...new Set(there.flatMap((value) => Object.keys(value)))];
    return names.flatMap((property) =>
      within(
        [...at, { property }],
        values.map((value) => (value as Parts | null)?.[property]),
        telling,
      ),
    );
  }
  return [{ at, said: values.map((value) => shown(value, telling)) }];
}

type Parts = Record<string, unknown>;

const isParts = (value: unknown): value is Parts =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isLabel = (value: unknown): value is Label => isParts(value) && "zh" in value && "en" in value;

/** Of which the parts are told one by one; a text in two languages and a span of time are one thing. */
const hasParts = (value: unknown): value is Parts => isParts(value) && !isLabel(value) && !isPlain(value);

/** Of a few figures and words only: a place on the page, a span of time. */
const isPlain = (value: Parts) =>
  !("kind" in value) && !("key" in value) && Object.values(value).every((each) => typeof each !== "object");

const isItems = (value: unknown): value is Parts[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => isParts(each) && !isLabel(each));

/** The items of a list by their names: what two are called alike is told apart by its number. */
function namesOf(items: Parts[], telling: Telling): Map<string, Parts> {
  const named = new Map<string, Parts>();
  for (const item of items) {
    const name = nameOf(item, telling);
    let free = name;
    for (let n = 2; named.has(free); n += 1) free = `${name} ${n}`;
    named.set(free, item);
  }
  return named;
}

/** A widget that is called otherwise on the other side is still the same: its key comes first. */
function nameOf(item: Parts, { kind }: Telling): string {
  const key = ["key", "signal", "task", "object", "field"].map((name) => item[name]).find((each) => each !== undefined);
  return [typeof item.kind === "string" ? kind(item.kind) : "", typeof key === "string" ? key : ""]
    .filter((each) => each !== "")
    .join(" ");
}

function shown(value: unknown, telling: Telling): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return telling.yesNo(value);
  if (Array.isArray(value)) return value.map((each) => shown(each, telling)).join(", ");
  if (isLabel(value)) return value.zh === value.en ? value.zh : `${value.zh} / ${value.en}`;
  if (!isParts(value)) return String(value);
  return Object.entries(value)
    .filter(([, each]) => each !== null && !(Array.isArray(each) && each.length === 0))
    .map(([name, each]) => {
      const said = name === "kind" && typeof each === "string" ? telling.kind(each) : shown(each, telling);
      return `${telling.property(name)} ${said}`;
    })
    .join("\n");
}
