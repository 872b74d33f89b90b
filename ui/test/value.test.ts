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
