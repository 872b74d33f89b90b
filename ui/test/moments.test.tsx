import { describe, expect, it } from "vitest";
import { dayText, momentText } from "../src/app/moments";

const now = new Date(2026, 10, 22, 20, 0);

describe("a moment as it is spoken of", () => {
  it("names today, yesterday and tomorrow by the calendar, not by hours", () => {
    expect(momentText(new Date(2026, 10, 22, 0, 1), "zh", now)).toBe("今天 00:01");
    expect(momentText(new Date(2026, 10, 21, 23, 59), "zh", now)).toBe("昨天 23:59");
    expect(momentText(new Date(2026, 10, 23, 9, 5), "en", now)).toBe("tomorrow 09:05");
  });

  it("tells the year only where it is another", () => {
    expect(momentText(new Date(2026, 10, 20, 17, 55), "zh", now)).toBe("11月20日 17:55");
    expect(momentText(new Date(2025, 2, 1, 8, 0), "zh", now)).toBe("2025年3月1日 08:00");
    expect(dayText(new Date(2026, 0, 1, 8, 0), "en", now)).toBe("Jan 1");
    expect(dayText(new Date(2025, 11, 31, 8, 0), "en", new Date(2026, 0, 1, 8, 0))).toBe("yesterday");
  });
});
