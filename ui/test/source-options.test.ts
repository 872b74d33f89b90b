import { describe, expect, it } from "vitest";
import { kindOf, renamed } from "../src/features/sources/options";

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

  it("an entry is renamed in its place, and never over another", () => {
    expect(Object.keys(renamed({ a: 1, b: 2, c: 3 }, "b", "x"))).toEqual(["a", "x", "c"]);
    expect(renamed({ a: 1, b: 2 }, "b", "a")).toEqual({ a: 1, b: 2 });
  });
});
