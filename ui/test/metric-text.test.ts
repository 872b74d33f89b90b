import { describe, expect, it } from "vitest";
import type { Model } from "../src/api/types";
import { figureText, inputText, rowBehind } from "../src/meta/metric-text";

const field = (key: string, type: string, zh: string) => ({
  key,
  type,
  label: { zh, en: key },
  options: {},
  required: false,
});
const model = {
  objects: [
    { key: "order", title: null, fields: [field("amount", "money", "金额"), field("state", "text", "状态")] },
    { key: "deal", title: "name", fields: [field("name", "text", "名称"), field("amount", "money", "金额")] },
  ],
} as unknown as Model;

describe("a metric's figures", () => {
  it("are shares of a hundred, spans of time and numbers with their unit", () => {
    expect(figureText({ kind: "number", unit: "%" }, 1, "zh")).toBe("100%");
    expect(figureText({ kind: "duration", unit: null }, 43_200, "zh")).toBe("12 小时");
    expect(figureText({ kind: "number", unit: "元" }, 1234.5, "zh")).toBe("1,234.5 元");
    expect(figureText({ kind: "number", unit: "元" }, null, "zh")).toBe("—");
  });

  it("tell what they were worked out from", () => {
    expect(inputText({ label: "天数", value: 28, kind: "number" }, "zh")).toBe("28");
    expect(inputText({ label: "名称", value: null, kind: "datetime" }, "zh")).toBe("—");
  });
});

describe("a row behind a figure", () => {
  it("is told by its title and what was read of it, or by that alone", () => {
    expect(rowBehind(model, "deal", { id: "1", version: 1, name: "大单", amount: 5 }, "zh")).toEqual({
      title: "大单",
      details: "金额 5.00",
    });
    expect(rowBehind(model, "order", { id: "1", version: 1, amount: 5, state: null }, "zh")).toEqual({
      title: "金额 5.00",
      details: "",
    });
  });
});
