import { describe, expect, it } from "vitest";
import type { FieldDef, ObjectDef } from "../src/api/types";
import { columnsOf, inputsOf } from "../src/features/records/columns";
import { offers, takes } from "../src/meta/offers";

const label = { zh: "客户", en: "Customer" };
const field: FieldDef = { key: "name", type: "text", label, options: {}, required: true };
const customer: ObjectDef = { key: "customer", label, title: "name", fields: [field], builtin: false };
const nothing = {
  read: false,
  create: false,
  update: false,
  delete: false,
  purge: false,
  export: false,
  import: false,
};

describe("what a person is offered", () => {
  it("leaves out what no policy allows", () => {
    const object = { ...customer, may: { ...nothing, read: true, create: true } };
    expect(offers(object, "create")).toBe(true);
    expect(offers(object, "delete")).toBe(false);
  });

  it("tells a field that is given once from one that is changed later", () => {
    const once = { ...field, may: { read: true, create: true, update: false } };
    expect(takes(once, true)).toBe(true);
    expect(takes(once, false)).toBe(false);
  });

  it("offers the owner as the API grants it", () => {
    const owner: FieldDef = {
      ...field,
      key: "owner",
      type: "person",
      may: { read: true, create: false, update: false },
    };
    const inputs = inputsOf({ ...customer, system_fields: [owner] });
    expect(inputs.map((each) => each.key)).toEqual(["name", "owner"]);
    expect(inputs.every((each) => takes(each, false))).toBe(false);
    expect(columnsOf(customer)[0]?.key).toBe("name");
  });
});
