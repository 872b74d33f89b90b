import { describe, expect, it } from "vitest";
import type { FieldDef } from "../../src/api/types";
import { finished, isNamed, newEntry, newPreset, withoutEntry } from "../../src/features/lightentry/draft";
import { readFilling, readOneOf, takesFrom, writeFilling, writeOneOf } from "../../src/features/lightentry/sayings";
import type { ObjectDesign } from "../../src/features/model/definition";

const label = { zh: "一", en: "one" };
const field = (key: string, type: string, options: Record<string, unknown> = {}): FieldDef => ({
  key,
  type,
  label,
  options,
  required: false,
});
const stage = field("stage", "choice", { choices: [{ key: "lead" }, { key: "poc" }, { key: "won" }] });
const customer = field("customer", "relation", { target: "customer" });

describe("a condition on a choice", () => {
  it("is read as it is written, and written as it is read", () => {
    for (const text of ["[stage] IN ('lead', 'poc')", "[stage] NOT IN ('won')"]) {
      const read = readOneOf(text, [stage]);
      expect(read && writeOneOf(read)).toBe(text);
    }
    expect(readOneOf("[stage] != 'won'", [stage])).toEqual({ field: "stage", isNot: true, keys: ["won"] });
    expect(writeOneOf({ field: "stage", isNot: false, keys: [] })).toBeNull();
  });
  it("leaves every other formula alone", () => {
    for (const text of ["[stage] IN ('lead') OR TRUE", "[amount] > 3", "[other] = 'lead'", "[stage] = 'gone'", ""])
      expect(readOneOf(text, [stage]), text).toBeUndefined();
  });
});

describe("where a value comes from", () => {
  const at = field("at", "datetime");
  it("is read as it is written", () => {
    const known = [
      ["[customer]", customer],
      ["'poc'", stage],
      ["NOW()", at],
    ] as const;
    for (const [text, into] of known) {
      const read = readFilling(text, into, [customer]);
      expect(read.kind !== "formula" && writeFilling(read)).toBe(text);
    }
  });
  it("is a formula where it says more than a field, a choice or the moment", () => {
    for (const [text, into] of [
      ["[customer.name]", customer],
      ["[gone]", customer],
      ["'poc'", field("note", "text")],
      ["'gone'", stage],
      ["NOW()", field("day", "date")],
    ] as const)
      expect(readFilling(text, into, [customer]).kind, text).toBe("formula");
  });
  it("offers fields of the same kind, relations to the same object and as many", () => {
    const from = [
      customer,
      field("number", "auto_number"),
      field("people", "relation", { target: "person", many: true }),
    ];
    expect(takesFrom(field("project", "text"), from).map((each) => each.key)).toEqual(["number"]);
    expect(takesFrom(field("who", "relation", { target: "customer" }), from).map((each) => each.key)).toEqual([
      "customer",
    ]);
    expect(takesFrom(field("one", "person"), from)).toEqual([]);
    expect(takesFrom(field("helpers", "relation", { target: "person", many: true }), from)).toHaveLength(1);
    expect(takesFrom(stage, [stage])).toEqual([]);
  });
});

describe("a light entry", () => {
  const object = { key: "note", label, title: null, builtin: false, fields: [customer] } as ObjectDesign;
  it("begins about the first relation, with one button that lacks a name", () => {
    const entry = newEntry(object);
    expect([entry.about, entry.presets.length, isNamed(entry)]).toEqual(["customer", 1, false]);
    expect(newPreset(entry.presets).key).not.toBe(entry.presets[0]?.key);
  });
  it("is sent without what was begun and left blank", () => {
    const preset = {
      ...newPreset([]),
      label: { zh: "好", en: "" },
      when: " ",
      values: { a: "", b: "1" },
      moves: [
        { field: "stage", value: " ", when: null },
        { field: "stage", value: "'poc'", when: "" },
      ],
    };
    const sent = finished({ ...newEntry(object), fills: { x: " " }, presets: [preset] });
    expect(sent).toMatchObject({
      fills: {},
      presets: [{ label: { zh: "好", en: "好" }, when: null, values: { b: "1" } }],
    });
    expect(sent.presets[0]?.moves).toEqual([{ field: "stage", value: "'poc'", when: null }]);
  });
  it("is offered to business objects that lead somewhere and have none", () => {
    const bare = { ...object, key: "bare", fields: [field("name", "text")] };
    const has = { ...object, key: "has", light_entry: newEntry(object) };
    expect(withoutEntry([object, bare, has, { ...object, key: "own", builtin: true }])).toEqual([object]);
  });
});
