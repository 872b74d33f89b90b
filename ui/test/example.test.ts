import { describe, expect, it } from "vitest";
import type { FieldDef, ObjectDef } from "../src/api/types";
import { exampleFilter } from "../src/features/records/example";

const name: FieldDef = {
  key: "name",
  type: "text",
  label: { zh: "客户名称", en: "Name" },
  options: {},
  required: true,
};
const level: FieldDef = {
  ...name,
  key: "level",
  type: "choice",
  label: { zh: "等级", en: "Level" },
  options: { choices: [{ key: "a", label: { zh: "A 重点", en: "A key" } }] },
};
const customer: ObjectDef = {
  key: "customer",
  label: { zh: "客户", en: "Customer" },
  title: "name",
  fields: [name, level],
  builtin: false,
};

describe("the example beside the filter", () => {
  it("is a formula over the object at hand, in the reader's language", () => {
    expect(exampleFilter(customer, "zh")).toBe("[等级] = 'A 重点'");
    expect(exampleFilter(customer, "en")).toBe("[Level] = 'A key'");
  });

  it("falls back on the title", () => {
    expect(exampleFilter({ ...customer, fields: [name] }, "zh")).toBe("[客户名称] 不为空");
    expect(exampleFilter({ ...customer, fields: [] }, "zh")).toBe("");
  });
});
