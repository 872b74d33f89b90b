import { describe, expect, it } from "vitest";
import { remarksOf } from "../src/features/records/remarks";

const record = { id: "1", version: 1 };
describe("what stands beside a field", () => {
  it("tells advice and what a lookup found, also that it found nothing", () => {
    const saved = {
      record,
      hints: [{ field: "a", message: "advice" }],
      lookups: { a: { id: "2", show: "小王" }, b: null },
    };
    expect(remarksOf(saved, "nothing")).toEqual({ a: ["advice", "小王"], b: ["nothing"] });
  });
});
