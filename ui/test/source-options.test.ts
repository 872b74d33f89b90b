import { describe, expect, it } from "vitest";
import { changed, kindOf, renamed } from "../src/features/sources/options";

describe("how an option of a source is asked for", () => {
  it("by its schema, empty or not", () => {
    expect(kindOf({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("text");
    expect(kindOf({ type: "array", items: { type: "string" } })).toBe("words");
    expect(kindOf({ anyOf: [{ type: "array", prefixItems: [{ type: "string" }, { type: "string" }] }] })).toBe("words");
    expect(kindOf({ type: "array", items: { type: "object" } })).toBe("json");
    expect(kindOf({ type: "object", additionalProperties: { properties: {} } })).toBe("entries");
    expect(kindOf({ type: "object", additionalProperties: true })).toBe("json");
    expect(kindOf({ type: "string", enum: ["a"] })).toBe("choice");
  });

  it("a new stream is named for its table or its files until somebody names it", () => {
    const named = (key: string, options: object, kept: string[] = []) =>
      Object.keys(changed({ other: {}, [key]: {} }, key, { ...options }, kept))[1];
    expect(named("stream_1", { table: "dbo.SO_SOMain" })).toBe("so_somain");
    expect(named("stream_1", { pattern: "orders-*.csv" })).toBe("orders");
    expect(named("stream_1", { pattern: "other.xlsx" })).toBe("other_2");
    expect(named("stream_1", { pattern: "台账*.xlsx" })).toBe("stream_1");
    expect(named("mine", { table: "customers" })).toBe("mine");
    expect(named("stream_1", { table: "customers" }, ["stream_1"])).toBe("stream_1");
    // Letter by letter, as it is typed.
    const typed = changed({ order: { table: "order" } }, "order", { table: "orders" }, []);
    expect(Object.keys(typed)).toEqual(["orders"]);
  });

  it("an entry is renamed in its place, and never over another", () => {
    expect(Object.keys(renamed({ a: 1, b: 2, c: 3 }, "b", "x"))).toEqual(["a", "x", "c"]);
    expect(renamed({ a: 1, b: 2 }, "b", "a")).toEqual({ a: 1, b: 2 });
  });
});
