import { describe, expect, it } from "vitest";
import type { FieldDef } from "../src/api/types";
import { valueText } from "../src/meta/Value";

const field = (type: string, options: Record<string, unknown> = {}): FieldDef => ({
  key: "x",
  type,
  label: { zh: "某", en: "x" },
  options,
  required: false,
});

describe("a value as a person reads it", () => {
  it("shows a fraction as a percentage", () => {
    expect(valueText(field("percent"), 0.35, "zh")).toBe("35%");
  });

  it("shows a number whose unit is % as a share of the whole", () => {
    const share = field("number", { decimals: 4, unit: { zh: "%", en: "%" } });
    expect(valueText(share, 0.6667, "zh")).toBe("66.7%");
    expect(valueText(field("number", { unit: { zh: "小时", en: "h" } }), 0.6667, "zh")).toBe("0.6667");
  });

  it("shows money to the cent with separators", () => {
    expect(valueText(field("money"), 1234567.5, "zh")).toBe("1,234,567.50");
  });

  it("shows a choice by its label, in the reader's language", () => {
    const risk = field("choice", { choices: [{ key: "red", label: { zh: "红标", en: "Red" } }] });
    expect(valueText(risk, "red", "zh")).toBe("红标");
    expect(valueText(risk, "red", "en")).toBe("Red");
    expect(valueText(risk, "gone", "zh")).toBe("gone");
  });

  it("shows what a formula works out as a field of that kind", () => {
    const worked = (kind: string) => ({ ...field("formula"), kind });
    expect(valueText(worked("boolean"), true, "zh")).toBe("是");
    expect(valueText(worked("boolean"), false, "en")).toBe("No");
    expect(valueText(worked("datetime"), "2026-11-23T01:05:00Z", "en")).toMatch(/^Nov 23, 2026/);
    expect(valueText(worked("number"), 299.784, "zh")).toBe("299.78");
  });

  it("joins several as the language does", () => {
    expect(valueText(field("text"), ["a", "b"], "zh")).toBe("a、b");
    expect(valueText(field("text"), ["a", "b"], "en")).toBe("a, b");
  });

  it("never shows the id of a record whose name is hidden", () => {
    expect(valueText(field("relation"), { id: "0198", label: null }, "zh")).toBe("—");
  });

  it("groups a Chinese mobile number and leaves others alone", () => {
    expect(valueText(field("phone"), "+8613800138000", "zh")).toBe("138 0013 8000");
    expect(valueText(field("phone"), "+442071838750", "zh")).toBe("+442071838750");
  });

  it("shows a duration in days, hours and minutes", () => {
    expect(valueText(field("duration"), 93_600, "zh")).toBe("1 天 2 小时");
    expect(valueText(field("duration"), 0, "en")).toBe("0 min");
  });
});
