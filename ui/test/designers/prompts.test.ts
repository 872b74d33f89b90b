import { describe, expect, it } from "vitest";
import type { FieldDef } from "../../src/api/types";
import type { ObjectDesign } from "../../src/features/model/definition";
import {
  askable,
  askedWhen,
  finished,
  isWhole,
  kindOf,
  leadingTo,
  newHush,
  newPrompt,
  newPrompts,
  turned,
  withoutPrompts,
} from "../../src/features/prompts/draft";

const label = { zh: "一", en: "one" };
const field = (key: string, type: string, options: Record<string, unknown> = {}): FieldDef => ({
  key,
  type,
  label,
  options,
  required: false,
});
const object = (key: string, ...fields: FieldDef[]) =>
  ({ key, label, title: null, builtin: false, fields }) as ObjectDesign;
const customer = object("customer", field("place", "text"), field("number", "auto_number"), field("sum", "formula"));
const ticket = object("ticket", field("customer", "relation", { target: "customer" }));

describe("what can be asked", () => {
  it("is what a person can fill in, of a business object of which nothing is asked yet", () => {
    expect(askable(customer).map((each) => each.key)).toEqual(["place"]);
    const asked = { ...customer, key: "asked", prompts: newPrompts() };
    expect(withoutPrompts([customer, asked, object("bare", field("sum", "formula"))])).toEqual([customer]);
  });
  it("is asked where a condition says so, else where one of the fields is blank", () => {
    const prompt = { ...newPrompt([]), fields: ["place", "notes"] };
    expect(askedWhen(prompt)).toBe("[place] IS BLANK OR [notes] IS BLANK");
    expect(askedWhen({ ...prompt, when: "[place] = 'x'" })).toBe("[place] = 'x'");
    expect(askedWhen(newPrompt([]))).toBe("");
  });
});

describe("what holds it back", () => {
  it("is an event, or a record that names the one asked about; each has nothing of the other", () => {
    const leading = leadingTo([customer, ticket], "customer");
    const byRecord = turned({ ...newHush(), event: "complaint" }, "record", leading);
    expect([kindOf(byRecord), byRecord.event, byRecord.object, byRecord.by]).toEqual([
      "record",
      null,
      "ticket",
      "customer",
    ]);
    const back = turned({ ...byRecord, when: "[open]" }, "event", leading);
    expect([kindOf(back), back.object, back.by, back.when]).toEqual(["event", null, null, null]);
  });
});

describe("a draft of prompts", () => {
  const item = { ...newPrompt([]), label: { zh: "补全", en: "" }, fields: ["place"], when: " " };
  it("is whole when each has a name and what it is about", () => {
    expect(isWhole(newPrompts())).toBe(false);
    expect(isWhole({ items: [item], hush: [] })).toBe(true);
    expect(isWhole({ items: [{ ...item, fields: [] }], hush: [] })).toBe(false);
    expect(isWhole({ items: [item], hush: [{ ...newHush(), label }] })).toBe(false);
    expect(isWhole({ items: [item], hush: [{ ...newHush(), label, event: "complaint" }] })).toBe(true);
  });
  it("is sent with both names and without a blank condition", () => {
    expect(finished({ items: [item], hush: [] }).items[0]).toMatchObject({
      label: { zh: "补全", en: "补全" },
      when: null,
    });
  });
});
