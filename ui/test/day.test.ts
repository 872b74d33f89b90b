import { describe, expect, it } from "vitest";
import type { RecordRow } from "../src/api/types";
import { sumOf } from "../src/features/today/amounts";
import { byPerson, byRule, byUrgency, isGroup, type Matter, peopleOf } from "../src/features/today/day";
import { withEach } from "../src/features/today/many";

const NOW = new Date("2026-11-23T04:00:00Z");
const ANNA = { id: "a", label: "安娜" };
const BERT = { id: "b", label: "伯特" };

const row = (id: string, values: Partial<RecordRow>): RecordRow => ({ id, version: 1, ...values }) as RecordRow;
const signal = (id: string, values: Partial<RecordRow> = {}): Matter => ({
  kind: "signal",
  row: row(id, { rule: "overdue", level: "red", owner: ANNA, started_at: "2026-11-22T04:00:00Z", ...values }),
});
const task = (id: string, values: Partial<RecordRow> = {}): Matter => ({
  kind: "task",
  row: row(id, { rule: "call_back", due_at: "2026-11-23T03:00:00Z", owner: ANNA, ...values }),
});
const ids = (matters: Matter[]) => matters.map((each) => each.row.id);

describe("a day's matters", () => {
  it("stand singly up to three of a rule, as a group from four on, in the first one's place", () => {
    const three = [signal("1"), signal("2"), signal("3")];
    expect(byRule(three).some(isGroup)).toBe(false);
    const found = byRule([
      signal("x", { rule: "heard" }),
      signal("1"),
      task("t"),
      signal("2"),
      signal("3"),
      signal("4"),
    ]);
    expect(found.map((each) => (isGroup(each) ? each.rows.map((one) => one.id) : each.row.id))).toEqual([
      "x",
      ["1", "2", "3", "4"],
      "t",
    ]);
  });

  it("of one rule are apart where some are tasks and some are signals; without a rule none are together", () => {
    const same = ["1", "2"].flatMap((id) => [signal(`s${id}`, { rule: "one" }), task(`t${id}`, { rule: "one" })]);
    const loose = ["5", "6", "7", "8"].map((id) => task(id, { rule: null }));
    expect(byRule([...same, ...loose]).some(isGroup)).toBe(false);
  });

  it("are told apart by how soon they need somebody", () => {
    const found = byUrgency(
      [signal("red"), signal("yellow", { level: "yellow" }), task("late"), task("some day", { due_at: null })],
      NOW,
    );
    expect([ids(found.now), ids(found.soon), ids(found.later)]).toEqual([["red", "late"], ["yellow"], ["some day"]]);
  });

  it("are told by person: who has the most urgent first, then whose wait longest", () => {
    const shares = byPerson(
      [
        signal("1", { level: "yellow", started_at: "2026-11-20T04:00:00Z" }),
        signal("2"),
        signal("3", { owner: BERT }),
        task("4", { owner: BERT, due_at: "2026-11-19T04:00:00Z" }),
        signal("5", { owner: null, level: "info" }),
      ],
      NOW,
    );
    expect(shares.map((each) => [each.person.name, ids(each.matters), each.urgent])).toEqual([
      ["伯特", ["3", "4"], 2],
      ["安娜", ["2", "1"], 1],
      [null, ["5"], 0],
    ]);
    expect(shares.map((each) => each.oldest?.toISOString().slice(0, 10))).toEqual([
      "2026-11-19",
      "2026-11-20",
      "2026-11-22",
    ]);
    expect(peopleOf([signal("1", { owner: BERT }), signal("2"), signal("3")]).map((each) => each.count)).toEqual([
      2, 1,
    ]);
  });

  it("are worth what their subjects are worth, each subject once, in exact hundredths", () => {
    const amounts = {
      field: { key: "amount", type: "money", label: { zh: "金额", en: "Amount" }, required: false, options: {} },
      of: new Map([
        ["p", 0.1],
        ["q", 0.2],
      ]),
    };
    const rows = ["p", "q", "q", "unseen"].map((id, n) => row(String(n), { subject_id: id }));
    expect(sumOf(amounts, rows)).toBe(0.3);
    expect(sumOf(amounts, rows.slice(3))).toBeUndefined();
    expect(sumOf(undefined, rows)).toBeUndefined();
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
