import type { RecordRow } from "../../api/types";
import { isReference } from "../../meta/Value";
import { dueOf, textOf, type Urgency, urgencyOf } from "./tasks";

/** A task or a signal: what a day's page is made of. */
export interface Matter {
  kind: "task" | "signal";
  row: RecordRow;
}

/** Matters of one rule that are more than can be read one by one. */
export interface RuleGroup {
  kind: Matter["kind"];
  rule: string;
  rows: RecordRow[];
}

export interface Person {
  id: string;
  name: string | null;
}

/** What one person has in hand. */
export interface Share {
  person: Person;
  matters: Matter[];
  urgent: number;
  /** Since when the longest of it waits. */
  oldest: Date | null;
}

// From more than so many of one rule on they stand as one.
export const READ_SINGLY = 3;

const NOBODY = "";
const ORDER: Urgency[] = ["now", "soon", "later"];

/** Whose it is to do something about. */
export const ownerOf = ({ row }: Matter): Person =>
  isReference(row.owner) ? { id: row.owner.id, name: row.owner.label } : { id: NOBODY, name: null };

/** A signal's level, or how near a task's moment is. */
export function urgencyOfMatter({ kind, row }: Matter, now: Date): Urgency {
  if (kind === "task") return urgencyOf(row, now);
  const level = textOf(row, "level");
  return level === "red" ? "now" : level === "yellow" ? "soon" : "later";
}

/** All matters by how soon they need somebody; signals first, each kind in the order it came. */
export function byUrgency(matters: Matter[], now: Date): Record<Urgency, Matter[]> {
  const of = (urgency: Urgency) => matters.filter((each) => urgencyOfMatter(each, now) === urgency);
  return { now: of("now"), soon: of("soon"), later: of("later") };
}

/** Matters singly, those of a rule with more than `READ_SINGLY` as a group where its first one stood. */
export function byRule(matters: Matter[]): (Matter | RuleGroup)[] {
  const groups = new Map<string, RuleGroup>();
  for (const { kind, row } of matters) {
    const rule = textOf(row, "rule");
    if (rule === "") continue;
    const group = groups.get(`${kind} ${rule}`) ?? { kind, rule, rows: [] };
    group.rows.push(row);
    groups.set(`${kind} ${rule}`, group);
  }
  const told = new Set<RuleGroup>();
  return matters.flatMap((each): (Matter | RuleGroup)[] => {
    const group = groups.get(`${each.kind} ${textOf(each.row, "rule")}`);
    if (group === undefined || group.rows.length <= READ_SINGLY) return [each];
    if (told.has(group)) return [];
    told.add(group);
    return [group];
  });
}

export const isGroup = (each: Matter | RuleGroup): each is RuleGroup => "rows" in each;

/** Since when a matter waits: a signal since it began, a task since it was due. */
export const waitsSince = ({ kind, row }: Matter): Date | null =>
  kind === "task" ? dueOf(row) : textOf(row, "started_at") ? new Date(textOf(row, "started_at")) : null;

/** What each person has, who has the most urgent first, then who keeps something waiting longest. */
export function byPerson(matters: Matter[], now: Date): Share[] {
  const shares = new Map<string, Share>();
  for (const each of matters) {
    const person = ownerOf(each);
    const share = shares.get(person.id) ?? { person, matters: [], urgent: 0, oldest: null };
    share.matters.push(each);
    if (urgencyOfMatter(each, now) === "now") share.urgent += 1;
    const since = waitsSince(each);
    if (since !== null && (share.oldest === null || since < share.oldest)) share.oldest = since;
    shares.set(person.id, share);
  }
  const found = [...shares.values()];
  for (const share of found) share.matters = inOrder(share.matters, now);
  return found.sort(
    (one, other) =>
      other.urgent - one.urgent || (one.oldest?.getTime() ?? Infinity) - (other.oldest?.getTime() ?? Infinity),
  );
}

/** The most urgent first, otherwise in the order they came. */
export function inOrder(matters: Matter[], now: Date): Matter[] {
  const parts = byUrgency(matters, now);
  return ORDER.flatMap((urgency) => parts[urgency]);
}

/** The people concerned, each once, who has most of it first. */
export function peopleOf(matters: Matter[]): { person: Person; count: number }[] {
  const counts = new Map<string, { person: Person; count: number }>();
  for (const each of matters) {
    const person = ownerOf(each);
    const found = counts.get(person.id) ?? { person, count: 0 };
    found.count += 1;
    counts.set(person.id, found);
  }
  return [...counts.values()].sort((one, other) => other.count - one.count);
}
