import { describe, expect, it } from "vitest";
import type { RecordRow } from "../src/api/types";
import { byPerson, countOf, entriesOf, hasRest, isGroup, ofUrgency } from "../src/features/today/day";
import { withEach } from "../src/features/today/many";
import type { Group, Matter } from "../src/features/today/matter";

const ANNA = { id: "a", label: "安娜" };
const BERT = { id: "b", label: "伯特" };
const moment = (day: number) => `2026-11-${String(day).padStart(2, "0")}T04:00:00+00:00`;

const row = (id: string, day: number | null, kind: Group["kind"]): RecordRow =>
  ({ id, version: 1, [kind === "task" ? "due_at" : "started_at"]: day && moment(day) }) as RecordRow;

/** A group whose rows have waited since these days of November; `count` where more wait than came. */
const group = (days: (number | null)[], given: Partial<Group> = {}): Group => {
  const { kind = "signal", rule = "overdue" } = given;
  const items = days.map((day, at) => row(`${rule}${at}`, day, kind));
  const since = days[0] == null ? null : moment(days[0]);
  return {
    kind,
    rule,
    urgency: "now",
    count: items.length,
    since,
    worth: null,
    people: [],
    items,
    label: undefined,
    ...given,
  };
};
const told = (entries: (Matter | Group)[]) => entries.map((each) => (isGroup(each) ? each.rule : each.row.id));

describe("a day's matters", () => {
  it("stand singly up to three of a rule, as a group from four on", () => {
    expect(told(entriesOf([group([1, 2, 3])]))).toEqual(["overdue0", "overdue1", "overdue2"]);
    expect(told(entriesOf([group([1, 2, 3], { count: 4 })]))).toEqual(["overdue"]);
  });

  it("have one order: the most urgent first, then what has waited longest, be it task, signal or group", () => {
    const groups = [
      group([1], { rule: "calm", urgency: "later" }),
      group([5, 9], { rule: "heard" }),
      group([7, 7, 7], { rule: "many", count: 400 }),
      group([8, null], { rule: "call", kind: "task" }),
      group([2], { rule: "today", urgency: "soon" }),
    ];
    expect(told(entriesOf(groups))).toEqual(["heard0", "many", "call0", "heard1", "call1", "today0", "calm0"]);
    expect(told(entriesOf(groups.toReversed()))).toEqual(told(entriesOf(groups)));
  });

  it("of no rule never stand as one, and tell that there are more than came", () => {
    const loose = group([1, 2, 3, 4], { rule: null, count: 60 });
    expect(entriesOf([loose]).some(isGroup)).toBe(false);
    expect(hasRest(loose)).toBe(true);
    expect(hasRest(group([1, 2, 3, 4], { rule: null }))).toBe(false);
    expect(hasRest(group([1, 2, 3], { count: 400 }))).toBe(false);
  });

  it("are counted whole, not as far as they were fetched", () => {
    const groups = [group([1], { count: 9_000 }), group([1], { urgency: "soon", count: 1_000 })];
    expect([countOf(groups), countOf(ofUrgency(groups, "soon"))]).toEqual([10_000, 1_000]);
  });

  it("are told by person: who has the most urgent first, then whose wait longest", () => {
    const of = (person: { id: string | null; label: string | null }, count: number, day: number) => ({
      ...person,
      count,
      since: moment(day),
    });
    const shares = byPerson([
      group([], { people: [of(BERT, 2, 19), of(ANNA, 1, 22)] }),
      group([], { urgency: "soon", people: [of(ANNA, 5, 20)] }),
      group([], { urgency: "later", people: [of({ id: null, label: null }, 1, 18)] }),
    ]);
    expect(shares.map((each) => [each.person.name, each.count, each.urgent, each.oldest])).toEqual([
      ["伯特", 2, 2, moment(19)],
      ["安娜", 6, 1, moment(20)],
      [null, 1, 0, moment(18)],
    ]);
  });
});

describe("what is done with each of many", () => {
  it("goes on after a refusal and tells every reason once", async () => {
    const asked: number[] = [];
    let most = 0;
    let running = 0;
    const outcome = await withEach([1, 2, 3, 4, 5, 6, 7, 8, 9], async (each) => {
      asked.push(each);
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (each % 3 === 0) throw new Error("已处理");
    });
    expect(asked.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([outcome.done, [...outcome.refused]]).toEqual([6, [["已处理", 3]]]);
    expect(most).toBeLessThanOrEqual(4);
  });
});
