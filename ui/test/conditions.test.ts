import { describe, expect, it } from "vitest";
import type { FieldDef } from "../src/api/types";
import type { TreeNode } from "../src/formula/tree";
import { type Conditions, isComplete, readFilter, writeFilter } from "../src/meta/conditions";

const field = (key: string, kind: string) =>
  ({ key, kind, type: kind, label: { zh: key, en: key }, options: {}, required: false }) as FieldDef;
const FIELDS = [field("name", "text"), field("amount", "number"), field("day", "date"), field("team", "reference")];
const lit = (v: string | boolean): TreeNode => ({ k: "lit", t: "text", v });
const ref = (key: string, kind: "text" | "number" | "date" | "boolean" = "text"): TreeNode => ({
  k: "field",
  t: kind,
  p: [key],
});
const of = (f: string, ...a: TreeNode[]): TreeNode => ({ k: "call", t: "boolean", f, a });

describe("writing a filter", () => {
  it("leaves numbers bare and quotes everything else", () => {
    const given: Conditions = {
      join: "and",
      items: [
        { field: "name", operator: "contains", values: ["O'Neil {value}"] },
        { field: "amount", operator: "between", values: ["1", "2.5"] },
      ],
    };
    expect(writeFilter(given, FIELDS)).toBe("CONTAINS(name, 'O''Neil {value}') AND amount BETWEEN 1 AND 2.5");
  });

  it("leaves out what is not complete, and is nothing if nothing is", () => {
    const half = { field: "amount", operator: "between", values: ["1"] };
    expect(isComplete(half)).toBe(false);
    expect(writeFilter({ join: "or", items: [half] }, FIELDS)).toBeUndefined();
    const blank = { field: "team", operator: "is_blank", values: [] };
    expect(writeFilter({ join: "or", items: [half, blank] }, FIELDS)).toBe("team IS BLANK");
  });

  it("cannot be talked into another formula by a value", () => {
    const given: Conditions = { join: "and", items: [{ field: "amount", operator: "equals", values: ["1 OR TRUE"] }] };
    expect(writeFilter(given, FIELDS)).toBe("amount = '1 OR TRUE'");
  });
});

describe("reading a filter", () => {
  it("gives back what the builder wrote", () => {
    const tree = of(
      "and",
      of("CONTAINS", ref("name"), lit("a")),
      of("and", of(">=", ref("amount", "number"), lit("1")), of("<=", ref("amount", "number"), lit("2"))),
      of("not", of("is_blank", ref("team"))),
      of("<", of("DATE", ref("day", "date")), lit("2026-01-01")),
    );
    expect(readFilter(tree)).toEqual({
      join: "and",
      items: [
        { field: "name", operator: "contains", values: ["a"] },
        { field: "amount", operator: "between", values: ["1", "2"] },
        { field: "team", operator: "is_not_blank", values: [] },
        { field: "day", operator: "before", values: ["2026-01-01"] },
      ],
    });
  });

  it("knows what it cannot show", () => {
    expect(readFilter(of(">", of("+", ref("amount", "number"), lit("1")), lit("2")))).toBeNull();
    expect(readFilter(of("or", of("=", ref("name"), lit("a")), of("and", lit(true), lit(true))))).toBeNull();
  });

  it("reads yes, no, me and lists", () => {
    expect(readFilter(of("=", ref("active", "boolean"), lit(true)))?.items[0]?.operator).toBe("is_true");
    const list: TreeNode = { k: "call", t: { kind: "list", item: "text" }, f: "list", a: [lit("a"), lit("b")] };
    expect(readFilter(of("in", ref("name"), list))?.items[0]?.values).toEqual(["a", "b"]);
    const me: TreeNode = { k: "param", t: "text", n: "me" };
    expect(readFilter(of("=", ref("owner"), me))?.items[0]?.operator).toBe("is_me");
  });
});
