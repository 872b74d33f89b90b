import { describe, expect, it } from "vitest";
import { differences } from "../src/features/apps/differences";

const telling = {
  property: (name: string) => name,
  kind: (kind: string) => ({ trend: "Trend", list: "List", signal: "Raise a signal" })[kind] ?? kind,
  yesNo: (value: boolean) => (value ? "Yes" : "No"),
};
const label = (zh: string, en: string) => ({ zh, en });
const between = (before: Record<string, unknown> | null, after: Record<string, unknown> | null) =>
  differences({ before, after }, ["before", "after"], telling).map(({ at, said }) => [
    at.map((step) => ("item" in step ? step.item : step.property)).join(" > "),
    said.before,
    said.after,
  ]);

describe("the sides of a definition", () => {
  it("shows only the properties in which they are not all the same", () => {
    const base = { key: "place", label: label("地点", "Place"), required: false };
    const mine = { ...base, label: label("我们的地点", "Ours") };
    const theirs = { ...base, required: true };
    expect(differences({ base, mine, theirs }, ["base", "mine", "theirs"], telling)).toEqual([
      {
        at: [{ property: "label" }],
        said: { base: "地点 / Place", mine: "我们的地点 / Ours", theirs: "地点 / Place" },
      },
      { at: [{ property: "required" }], said: { base: "No", mine: "No", theirs: "Yes" } },
    ]);
  });

  it("has blanks for a side that has no such thing", () => {
    expect(between({ key: "a" }, null)).toEqual([["key", "a", ""]]);
  });

  it("goes into widgets and what they hold, also where they lie in another order", () => {
    const trend = { kind: "trend", key: "sales", spot: { x: 0, y: 0 }, measures: { total: "sum(amount)" } };
    const list = { kind: "list", key: "late", fields: ["name"], actions: [] };
    expect(
      between(
        { widgets: [trend, list] },
        { widgets: [list, { ...trend, spot: { x: 6, y: 0 }, measures: { total: "avg(amount)" } }] },
      ),
    ).toEqual([
      ["widgets > Trend sales > spot", "x 0\ny 0", "x 6\ny 0"],
      ["widgets > Trend sales > measures", "total sum(amount)", "total avg(amount)"],
    ]);
    expect(between({ widgets: [trend, list] }, { widgets: [list, trend] })).toEqual([
      ["widgets", "Trend sales → List late", "List late → Trend sales"],
    ]);
  });

  it("tells what only one side has as one thing, in words", () => {
    const list = { kind: "list", key: "late", label: label("逾期", "Late"), fields: ["name", "due"], filter: null };
    expect(between({ widgets: [list] }, { widgets: [list, { ...list, key: "new" }] })).toEqual([
      ["widgets > List new", "", "kind List\nkey new\nlabel 逾期 / Late\nfields name, due"],
    ]);
  });

  it("goes into the actions of rules and never shows JSON", () => {
    const raise = (title: string, to: string[]) => ({
      actions: [
        { kind: "signal", signal: "silent", title: label(title, title), to, expires: { amount: 3, unit: "days" } },
      ],
    });
    const told = between(raise("沉默", ["owner"]), raise("久未联系", ["owner", "superior"]));
    expect(told).toEqual([
      ["actions > Raise a signal silent > title", "沉默", "久未联系"],
      ["actions > Raise a signal silent > to", "owner", "owner, superior"],
    ]);
    expect(JSON.stringify(told)).not.toContain("{");
  });
});
