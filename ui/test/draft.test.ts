import { describe, expect, it } from "vitest";
import { fieldFrom } from "../src/features/model/draft";

const draft = { key: "grade", zh: "等级", en: "", type: "choice", required: true, options: " 甲\n\n乙 " };

describe("a field from the form", () => {
  it("keeps the options in their order, under keys that do not depend on their labels", () => {
    expect(fieldFrom(draft).options).toEqual({
      choices: [
        { key: "c1", label: { zh: "甲", en: "甲" } },
        { key: "c2", label: { zh: "乙", en: "乙" } },
      ],
    });
  });

  it("has options named in both languages, typed with a bar or pasted from two columns", () => {
    expect(fieldFrom({ ...draft, options: "高 | High\n中｜Middle\n低\tLow\n| None" }).options).toEqual({
      choices: [
        { key: "c1", label: { zh: "高", en: "High" } },
        { key: "c2", label: { zh: "中", en: "Middle" } },
        { key: "c3", label: { zh: "低", en: "Low" } },
        { key: "c4", label: { zh: "None", en: "None" } },
      ],
    });
  });

  it("takes the Chinese name where the English one is missing", () => {
    expect(fieldFrom(draft).label).toEqual({ zh: "等级", en: "等级" });
  });
});
