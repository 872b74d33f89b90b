import { describe, expect, it } from "vitest";
import type { ObjectDef } from "../src/api/types";
import { inFormula, leftOf, withGuesses } from "../src/features/sources/guessed";
import { paceOf } from "../src/features/sources/pace";
import type { Guess, Mapping } from "../src/features/sources/queries";
import { scheduleName } from "../src/features/sources/schedules";
import { blankField } from "../src/features/sources/ways";

const guess = (path: string, field: string, by: string[] = []): Guess => ({
  path,
  field,
  by,
  how: "meaning",
  sure: 0.85,
});
const field = (key: string, unique = false) => ({ key, type: "text", label: { zh: key, en: key }, unique });
const customer = { key: "customer", title: "name", fields: [field("name"), field("phone")] } as unknown as ObjectDef;
const columns = [
  { path: "公司", type: "text" as const },
  { path: "tel", type: "text" as const },
  { path: "other", type: "number" as const },
];
const empty = { columns: [{ path: "", type: "text", name: null }], fields: [], match: [] } as unknown as Mapping;

describe("guesses taken into a mapping", () => {
  it("bring their columns and fields, and how a record is found again", () => {
    const made = withGuesses(empty, [guess("公司", "name"), guess("tel", "phone")], columns, customer);
    expect(made.columns.map(({ path }) => path)).toEqual(["公司", "tel"]);
    expect(made.fields.map((each) => [each.field, each.value])).toEqual([
      ["name", "[公司]"],
      ["phone", "tel"],
    ]);
    expect(made.match).toEqual(["name"]);
  });

  it("leave alone what a person has written, and fill what stands empty", () => {
    const mapping = {
      ...empty,
      match: ["phone"],
      fields: [{ ...blankField("name"), value: "UPPER([公司])" }, blankField("phone")],
    };
    const guesses = [guess("公司", "name"), guess("tel", "phone")];
    expect(leftOf(guesses, mapping)).toEqual([guess("tel", "phone")]);
    const made = withGuesses(mapping, guesses, columns, customer);
    expect(made.fields.map((each) => each.value)).toEqual(["UPPER([公司])", "tel"]);
    expect(made.match).toEqual(["phone"]);
  });

  it("find related records by what the guess says", () => {
    const made = withGuesses(empty, [guess("cus", "customer", ["code", "name"])], columns, customer);
    expect(made.fields[0]?.by).toEqual(["code", "name"]);
    expect(made.match).toEqual([]);
  });

  it("name paths as formulas do", () => {
    expect([inFormula("a_1"), inFormula("a.b"), inFormula("单号"), inFormula("Order No")]).toEqual([
      "a_1",
      "[a.b]",
      "[单号]",
      "[Order No]",
    ]);
  });
});

describe("a schedule", () => {
  it("is told in words where it is a usual one", () => {
    expect([scheduleName("*/15 * * * *"), scheduleName("7 7 * * *")]).toEqual(["minutes15", undefined]);
  });
});

describe("the pace of a pull", () => {
  const first = { done: 1_000, total: 10_000, at: 0 };

  it("tells the rate and what is left, once there is something to go by", () => {
    expect(paceOf(first, first)).toEqual({ left: 9_000 });
    expect(paceOf(first, { done: 4_000, total: 10_000, at: 30_000 })).toEqual({ rate: 100, left: 6_000, minutes: 1 });
  });

  it("tells nothing of the rest where the source does not say how many there are", () => {
    expect(paceOf({ ...first, total: null }, { done: 4_000, total: null, at: 30_000 })).toEqual({ rate: 100 });
  });
});
