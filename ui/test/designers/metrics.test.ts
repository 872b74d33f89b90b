import { describe, expect, it } from "vitest";
import type { MetricDef } from "../../src/designers/definitions";
import {
  comparisonsFor,
  finished,
  MEASURES,
  measureOf,
  newMetric,
  WINDOWS,
  windowOf,
} from "../../src/designers/metrics/draft";
import { metricSentence, pathsTo, pathText } from "../../src/designers/metrics/sentence";
import { hitsChart, roundStep } from "../../src/designers/rules/backtest/chart";
import { BLANK_CLASS, exclusive, newSegment, withClass } from "../../src/designers/segments/draft";
import zh from "../../src/locales/zh-CN.json";
import { designs } from "./model";

const t = (key: string, parts: Record<string, unknown> = {}) =>
  ((zh as Record<string, string>)[key] ?? `MISSING ${key}`).replace(/\{\{(\w+)\}\}/g, (_, name) => String(parts[name]));

describe("a metric", () => {
  it("begins as a count over what leads to the object", () => {
    const metric = newMetric(designs, "customer");
    expect(metric).toMatchObject({ source: "opportunity", path: "customer" });
    expect(metricSentence(metric, designs, "zh", t)).toBe("商机的条数，最近 30 天");
  });

  it("finds every way to the object, the shortest first", () => {
    expect(pathsTo(designs, "line", "customer")).toEqual(["opportunity.customer"]);
    expect(pathsTo(designs, "customer", "customer")).toEqual([""]);
    expect(pathsTo(designs, "customer", "line")).toEqual([]);
    expect(pathText(designs, "line", "opportunity.customer", "zh")).toBe("商机 › 客户");
  });

  it("has words for every measure and window", () => {
    for (const kind of MEASURES) {
      const metric = { ...newMetric(designs, "customer"), measure: measureOf(kind, { kind: "count" }, []) };
      expect(metricSentence(metric, designs, "zh", t)).not.toContain("MISSING");
    }
    for (const kind of WINDOWS) {
      const metric = { ...newMetric(designs, "customer"), window: windowOf(kind, "2026-01-01") };
      expect(metricSentence(metric, designs, "zh", t)).not.toContain("MISSING");
    }
  });

  it("is compared with an earlier period only where there is one", () => {
    const endless: MetricDef = {
      ...newMetric(designs, "customer"),
      window: { kind: "all" },
      comparison: { kind: "previous_period" },
    };
    expect(comparisonsFor(endless)).toEqual(["none", "team_mean", "benchmark"]);
    expect(finished(endless, []).comparison).toEqual({ kind: "none" });
  });

  it("keeps the value when another measure of a value is chosen", () => {
    expect(measureOf("average", { kind: "sum", value: "amount" }, [])).toEqual({ kind: "average", value: "amount" });
  });
});

describe("a decision table", () => {
  const row = (key: string, when: string | null) => ({ ...BLANK_CLASS, key, when });

  it("counts each record in the first row that holds", () => {
    expect(exclusive([row("a", "x > 1"), row("b", " "), row("c", "y"), row("d", null)])).toEqual([
      "x > 1",
      "IF(x > 1, FALSE, FALSE)",
      "IF(x > 1, FALSE, IF(FALSE, FALSE, y))",
      "IF(x > 1, FALSE, IF(FALSE, FALSE, IF(y, FALSE, TRUE)))",
    ]);
  });

  it("puts a new class before the one that takes the rest", () => {
    const { classes } = withClass(newSegment("customer"));
    expect(classes.map((each) => each.key)).toEqual(["class_1", "class_2", "class_4", "class_3"]);
  });
});

describe("the chart of hits", () => {
  const days = [0, 3, 7].map((hits, at) => ({ day: `2026-11-0${at + 1}`, hits }));

  it("has a bar a day, none of them outside", () => {
    const chart = hitsChart(days, 300, 150);
    expect(chart.bars.map((each) => each.hits)).toEqual([0, 3, 7]);
    expect(chart.bars[0]?.height).toBe(0);
    for (const bar of chart.bars) expect(bar.y + bar.height).toBeCloseTo(132);
    expect(chart.ticks.map((each) => each.value)).toEqual([0, 2, 4, 6, 8]);
  });

  it("has round steps", () => {
    expect([1, 4, 7, 30, 1000].map(roundStep)).toEqual([1, 1, 2, 10, 500]);
  });
});
