import { describe, expect, it } from "vitest";
import { GROUPED } from "../src/meta/Editor";

describe("a sum of money in its input", () => {
  const shown = (text: string) => GROUPED.formatter(text, { userTyping: false, input: text });

  it("is told apart by thousands once the typing is over", () => {
    expect(shown("1234567.5")).toBe("1,234,567.5");
    expect(shown("-84900")).toBe("-84,900");
    expect(shown("900.1234")).toBe("900.1234");
    expect(shown("")).toBe("");
    expect(GROUPED.formatter("84900", { userTyping: true, input: "8490" })).toBe("8490");
  });

  it("is read with the separators of a sheet", () => {
    expect(GROUPED.parser("1,234，567.50 ")).toBe("1234567.50");
  });
});
