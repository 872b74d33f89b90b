import { describe, expect, it } from "vitest";
import { keyOfName, numberedKey } from "../src/meta/keys";

describe("a key that nothing has yet", () => {
  it("is a word with the first number that is free", () => {
    expect(numberedKey("bar", ["bar_1", "bar_3"])).toBe("bar_2");
    expect(numberedKey("bar", ["step_1"])).toBe("bar_1");
  });

  it("comes from the English name, or is the first that is free", () => {
    expect(keyOfName("Open amount", "metric", [])).toBe("open_amount");
    expect(keyOfName("Open amount", "metric", ["open_amount"])).toBe("open_amount_2");
    expect(keyOfName("在途金额", "metric", ["metric_1"])).toBe("metric_2");
  });

  it("of a long name keeps within what the catalogue takes", () => {
    expect(keyOfName("a".repeat(60), "metric", [], 34)).toBe("a".repeat(34));
  });
});
