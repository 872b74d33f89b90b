import { describe, expect, it } from "vitest";
import type { ProposedValue } from "../src/api/schema";
import type { ObjectDef } from "../src/api/types";
import { attaching, likelyTarget, type Target, targetsOf } from "../src/features/capture/captures";

const object = (key: string, target: string | null, create = true): ObjectDef =>
  ({
    key,
    label: { zh: key, en: key },
    may: { create },
    fields: target ? [{ key: "customer", type: "relation", label: { zh: "", en: "" }, options: { target } }] : [],
  }) as unknown as ObjectDef;

const customer = object("customer", null);
const objects = [
  customer,
  object("contract", "customer"),
  object("quote", "customer"),
  object("order", "customer", false),
];
const value = (field: string, is_sure: boolean): ProposedValue => ({
  field,
  value: "1",
  shown: "1",
  confidence: is_sure ? 0.99 : 0.5,
  is_sure,
  reason: "",
  found: 0,
});

describe("where a paper can go", () => {
  it("is the record itself or a new record that points to it, if one may make it", () => {
    const targets = targetsOf(objects, customer);
    expect(targets.map((each) => [each.object.key, each.isNew])).toEqual([
      ["customer", false],
      ["contract", true],
      ["quote", true],
    ]);
  });

  it("follows from the kind of paper", () => {
    const targets = targetsOf(objects, customer);
    expect(likelyTarget(targets, "quotation")?.object.key).toBe("quote");
    expect(likelyTarget(targets, "photo")?.object.key).toBe("customer");
  });
});

describe("what is written", () => {
  const here: Target = { object: customer, isNew: false };
  const contract: Target = { object: object("contract", "customer"), isNew: true };
  const values = [value("amount", false), value("number", true), value("date", true)];

  it("is what was ticked; a tick on what was unsure confirms it", () => {
    const sent = attaching(contract, "r1", values, new Set(["amount", "number"]), { amount: "2" });
    expect(sent).toEqual({
      object: "contract",
      record: null,
      values: { amount: "2", number: "1" },
      confirmed: ["amount"],
    });
  });

  it("is nothing but the bond where nothing is ticked on the record itself", () => {
    const sent = attaching(here, "r1", values, new Set(), {});
    expect(sent).toEqual({ object: "customer", record: "r1", values: {}, confirmed: [] });
  });
});
