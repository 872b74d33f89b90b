import { describe, expect, it } from "vitest";
import { differences } from "../src/features/apps/differences";

describe("the sides of a definition", () => {
  const label = (zh: string, en: string) => ({ zh, en });

  it("shows only the properties in which they are not all the same", () => {
    const base = { key: "place", label: label("地点", "Place"), required: false };
    const mine = { ...base, label: label("我们的地点", "Ours") };
    const theirs = { ...base, required: true };
    expect(differences({ base, mine, theirs }, ["base", "mine", "theirs"])).toEqual([
      { name: "label", base: "地点 / Place", mine: "我们的地点 / Ours", theirs: "地点 / Place" },
      { name: "required", base: "false", mine: "false", theirs: "true" },
    ]);
  });

  it("has blanks for a side that has no such thing", () => {
    expect(differences({ before: { key: "a" }, after: null }, ["before", "after"])).toEqual([
      { name: "key", before: "a", after: "" },
    ]);
  });
});
