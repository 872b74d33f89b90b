import { describe, expect, it } from "vitest";
import type { FieldDef, ObjectDef } from "../src/api/types";
import { columnOf, type Figure, groupText, levelOf, shortNumber, type Widget } from "../src/features/boards/boards";
import { freeSpot, named, nudged } from "../src/features/boards/drafts";
import { measuredText } from "../src/features/boards/measures";
import { bucketEnd, drillFilter } from "../src/meta/drill";

describe("what is behind a figure", () => {
  it("is the widget's own filter and the group's value", () => {
    expect(drillFilter("amount > 5", "stage", "won")).toBe("(amount > 5) AND (stage = 'won')");
    expect(drillFilter(null, "owner", { id: "7", label: "李" })).toBe("owner = '7'");
    expect(drillFilter(null, "stage", null)).toBe("stage IS BLANK");
    expect(drillFilter(null, "name", "O'Neil")).toBe("name = 'O''Neil'");
  });

  it("is the whole bucket of a date, over the ends of months and years", () => {
    expect(drillFilter(null, "close_date:month", "2026-12-01")).toBe(
      "close_date >= '2026-12-01' AND close_date < '2027-01-01'",
    );
    expect(bucketEnd("2024-02-28", "day")).toBe("2024-02-29");
    expect(bucketEnd("2026-11-23", "week")).toBe("2026-11-30");
    expect(bucketEnd("2026-10-01", "quarter")).toBe("2027-01-01");
  });
});

describe("what stands on an axis", () => {
  it("is named after the last part of the path", () => {
    expect(columnOf("customer.level")).toBe("level");
    expect(columnOf("close_date:month")).toBe("close_date");
    expect(groupText("2026-11-01", "close_date:month", undefined, "zh")).toBe("2026-11");
    expect(groupText(null, "stage", undefined, "zh")).toBe("（空）");
  });

  it("is short as people of the language say it", () => {
    expect(shortNumber(76_567_000, "zh")).toEqual({ text: "7,656.7", unit: "万" });
    expect(shortNumber(1_230_000_000, "zh")).toEqual({ text: "12.3", unit: "亿" });
    expect(shortNumber(12_500, "en")).toEqual({ text: "12.5", unit: "k" });
    expect(shortNumber(9_999, "en")).toEqual({ text: "9,999", unit: "" });
  });
});

describe("a new widget", () => {
  it("gets room below the others", () => {
    const there = [{ spot: { x: 0, y: 3, w: 4, h: 4 } }] as Widget[];
    expect(freeSpot("number", there)).toEqual({ x: 0, y: 7, w: 3, h: 2 });
  });
});

describe("a widget moved by keys", () => {
  const spot = { x: 10, y: 0, w: 2, h: 2 };

  it("goes a column or a row, and no further than the grid", () => {
    expect(nudged(spot, [-1, 0], false)).toEqual({ x: 9, y: 0, w: 2, h: 2 });
    expect(nudged(spot, [1, 0], false)).toEqual(spot);
    expect(nudged(spot, [0, -1], false)).toEqual(spot);
  });

  it("grows and shrinks with Shift, to one column and row at least", () => {
    expect(nudged(spot, [1, 0], true)).toEqual(spot);
    expect(nudged(spot, [0, 1], true)).toEqual({ ...spot, h: 3 });
    expect(nudged({ ...spot, w: 1, h: 1 }, [-1, 0], true)).toEqual({ ...spot, w: 1, h: 1 });
  });
});

describe("measures chosen again", () => {
  it("keep the names that an order may go by", () => {
    expect(named(["sum(amount)", "count"], { quantity: "sum(quantity)", total: "sum(amount)" })).toEqual({
      total: "sum(amount)",
      n: "count",
    });
    expect(named(["avg(a)", "max(a)"], {})).toEqual({ m1: "avg(a)", m2: "max(a)" });
  });
});

describe("a figure with levels", () => {
  const figure = { yellow_from: 1, red_from: 5 } as Figure;

  it("is judged from where each begins", () => {
    expect([0, 1, 4.9, 5].map((each) => levelOf(figure, each))).toEqual(["green", "yellow", "yellow", "red"]);
    expect(levelOf({ yellow_from: null, red_from: null } as Figure, 9)).toBeUndefined();
  });
});

describe("a measured figure", () => {
  const percent = { key: "share", type: "percent", label: { zh: "占比", en: "Share" } } as FieldDef;
  const objects = [{ key: "follow_up", fields: [percent], metrics: [] as FieldDef[] } as unknown as ObjectDef];

  it("stands in hundredths where a percent field is averaged, and nowhere else", () => {
    expect(measuredText(0.784, "avg(share)", "follow_up", objects, "zh")).toEqual({ text: "78.4", unit: "%" });
    expect(measuredText(12, "count", "follow_up", objects, "zh")).toEqual({ text: "12", unit: "" });
    expect(measuredText(0.5, "avg(other)", "follow_up", objects, "en")).toEqual({ text: "0.5", unit: "" });
  });
});
