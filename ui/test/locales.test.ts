import { describe, expect, it } from "vitest";
import en from "../src/locales/en.json";
import zh from "../src/locales/zh-CN.json";

describe("the languages", () => {
  it("say the same things", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it("fill in the same parts", () => {
    const parts = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(zh)) expect(parts(text), key).toEqual(parts(en[key as keyof typeof en]));
  });
});
