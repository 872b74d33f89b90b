import type { Group, Matter, Urgency } from "./matter";
import { dueOf, textOf } from "./tasks";

export interface Person {
  /** Empty for what is in nobody's hands. */
  id: string;
  name: string | null;
}

/** What one person has in hand. */
export interface Share {
  person: Person;
  count: number;
  urgent: number;
  /** Since when the longest of it waits. */
  oldest: string | null;
}

// From more than so many of one rule on they stand as one.
export const READ_SINGLY = 3;
export const URGENCIES: readonly Urgency[] = ["now", "soon", "later"];
const NOBODY = "";

/** Of one rule, and more than can be read one by one. */
export const standsAsOne = (group: Group) => group.rule !== null && group.count > READ_SINGLY;

/** What has no group to stand for it, and is more than the first ones that came. */
export const hasRest = (group: Group) => !standsAsOne(group) && group.count > group.items.length;

/** Groups and single matters in one order: the most urgent first, then what has waited longest, without a day last. */
export const entriesOf = (groups: Group[]): (Matter | Group)[] =>
  URGENCIES.flatMap((urgency) =>
    ofUrgency(groups, urgency)
      .flatMap((group): (Matter | Group)[] =>
        standsAsOne(group) ? [group] : group.items.map((row) => ({ kind: group.kind, row })),
      )
      .sort((one, other) => timeOf(since(one)) - timeOf(since(other))),
  );

export const isGroup = (entry: Matter | Group): entry is Group => "items" in entry;

export const ofUrgency = (groups: Group[], urgency: Urgency) => groups.filter((each) => each.urgency === urgency);

export const countOf = (groups: Group[]) => groups.reduce((sum, each) => sum + each.count, 0);

/** What each person has, who has the most urgent first, then who keeps something waiting longest. */
export function byPerson(groups: Group[]): Share[] {
  const shares = new Map<string, Share>();
  for (const group of groups)
    for (const each of group.people) {
      const id = each.id ?? NOBODY;
      const share = shares.get(id) ?? { person: { id, name: each.label }, count: 0, urgent: 0, oldest: null };
      share.count += each.count;
      if (group.urgency === "now") share.urgent += each.count;
      if (timeOf(each.since) < timeOf(share.oldest)) share.oldest = each.since;
      shares.set(id, share);
    }
  return [...shares.values()].sort(
    (one, other) => other.urgent - one.urgent || timeOf(one.oldest) - timeOf(other.oldest),
  );
}

/** Since when it waits: a signal since it began, a task since it was due. */
function since(entry: Matter | Group): string | null {
  if (isGroup(entry)) return entry.since;
  return entry.kind === "task" ? (dueOf(entry.row)?.toISOString() ?? null) : textOf(entry.row, "started_at") || null;
}

const timeOf = (moment: string | null) => (moment === null ? Number.MAX_VALUE : new Date(moment).getTime());
