import { describe, expect, it } from "vitest";
import { isWanting, remarksOf } from "../src/features/records/remarks";

const record = { id: "1", version: 1 };
const field = {
  key: "referrer",
  type: "phone",
  label: { zh: "推荐人", en: "Referrer" },
  options: {},
  required: false,
  hint: { message: { zh: "老带新有礼", en: "There is a gift" }, when: null },
};

describe("what stands beside a field", () => {
  it("tells advice and what a lookup found, also that it found nothing", () => {
    const saved = {
      record,
      hints: [{ field: "a", message: "advice" }],
      lookups: { a: { id: "2", show: "小王" }, b: null },
    };
    expect(remarksOf(saved, "nothing")).toEqual({ a: ["advice", "小王"], b: ["nothing"] });
  });

  it("advises while the field is blank, and no longer", () => {
    expect(isWanting(field, undefined)).toBe(true);
    expect(isWanting(field, "")).toBe(true);
    expect(isWanting(field, "+8613800138000")).toBe(false);
    expect(isWanting({ ...field, hint: { ...field.hint, when: "TRUE" } }, undefined)).toBe(false);
  });
});
