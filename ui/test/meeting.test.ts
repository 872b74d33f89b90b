import { describe, expect, it } from "vitest";
import { clocksAt, minutes } from "../src/features/meeting/clock";

describe("the clocks of the morning meeting", () => {
  it("give an item ninety seconds and the meeting fifteen minutes", () => {
    expect(clocksAt(0, 0, 0)).toEqual({ whole: 900, item: 90, itemOver: false, over: false });
    expect(clocksAt(89_001, 0, 0).item).toBe(1);
    expect(clocksAt(90_000, 0, 0)).toMatchObject({ item: 0, itemOver: true, over: false });
    expect(clocksAt(200_000, 0, 150_000)).toMatchObject({ item: 40, itemOver: false });
    expect(clocksAt(900_000, 0, 890_000)).toMatchObject({ whole: 0, over: true });
  });

  it("are read as minutes and seconds", () => {
    expect(minutes(900)).toBe("15:00");
    expect(minutes(65)).toBe("1:05");
  });
});
