import { describe, expect, it } from "vitest";
import en from "../src/locales/en.json";
import zh from "../src/locales/zh-CN.json";

describe("the languages", () => {
  it("say the same things", () => {
    // English alone says one thing otherwise than many.
    const many = Object.keys(en).filter((key) => !key.endsWith("_one"));
    expect(many.sort()).toEqual(Object.keys(zh).sort());
  });

  it("say of one what they say of many, with the same parts but the number", () => {
    const parts = (text: string) => (text.match(/\{\{(?!count)\w+\}\}/g) ?? []).sort();
    const ones = Object.entries(en).filter(([key]) => key.endsWith("_one"));
    expect(ones.length).toBeGreaterThan(0);
    for (const [key, text] of ones) {
      const many = en[key.replace(/_one$/, "") as keyof typeof en];
      expect(many, key).toMatch(/\{\{count(, number)?\}\}/);
      expect(parts(text), key).toEqual(parts(many));
    }
  });

  it("fill in the same parts", () => {
    const parts = (text: string) => (text.match(/\{\{\w+(, number)?\}\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(zh)) expect(parts(text), key).toEqual(parts(en[key as keyof typeof en]));
  });
});
