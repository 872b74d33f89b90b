import type { Label, Model } from "../../api/types";
import { keyOfName } from "../../meta/keys";
import type { Comparison, Measure, MetricDef, Window } from "../definitions";
import { both } from "../LabelFields";
import { pathsTo } from "./sentence";

export const MEASURES = [
  "count",
  "sum",
  "average",
  "min",
  "max",
  "last",
  "distinct",
  "percentile",
  "ratio",
  "rate",
  "days_since",
  "share",
  "duration",
  "update_rate",
  "formula",
] as const satisfies readonly Measure["kind"][];

export const WINDOWS = [
  "all",
  "rolling",
  "rolling_working",
  "calendar",
  "fiscal",
  "since",
] as const satisfies readonly Window["kind"][];

const LABEL: Label = { zh: "", en: "" };

/** A metric to begin with: how many rows of the first source that leads to the object. */
export function newMetric(model: Model | undefined, object: string): MetricDef {
  const sources = (model?.objects ?? []).map((each) => each.key);
  const source = sources.find((each) => each !== object && pathsTo(model, each, object, 1).length > 0) ?? object;
  return {
    key: "",
    label: LABEL,
    description: null,
    object,
    source,
    path: pathsTo(model, source, object)[0] ?? "",
    where: null,
    at: "created_at",
    measure: { kind: "count" },
    window: { kind: "rolling", days: 30 },
    comparison: { kind: "none" },
    gives: "number",
    unit: null,
    decimals: null,
    purpose: "diagnostic",
  };
}

/** Another measure; what both have in common stays. */
export function measureOf(kind: Measure["kind"], before: Measure, fields: string[]): Measure {
  const value = "value" in before ? before.value : "";
  switch (kind) {
    case "count":
    case "days_since":
      return { kind };
    case "percentile":
      return { kind, value, p: "0.9" };
    case "ratio":
      return { kind, numerator: "", denominator: "" };
    case "rate":
      return { kind, per: "week" };
    case "share":
      return { kind, value, of: "all" };
    case "duration":
      return { kind, start: fields[0] ?? "", end: fields[1] ?? fields[0] ?? "", statistic: "average" };
    case "update_rate":
      return { kind, fields: [] };
    case "formula":
      return { kind, formula: "formula" in before ? before.formula : "" };
    default:
      return { kind, value };
  }
}

export function windowOf(kind: Window["kind"], today: string): Window {
  switch (kind) {
    case "rolling":
    case "rolling_working":
      return { kind, days: 30 };
    case "calendar":
      return { kind, unit: "month", back: 0 };
    case "fiscal":
      return { kind, unit: "year", first_month: 1, back: 0 };
    case "since":
      return { kind, date: today };
    default:
      return { kind: "all" };
  }
}

/** Whether rows are measured: a ratio, an update rate or a formula is about the record itself. */
export const isOfRows = ({ kind }: Measure): boolean =>
  kind !== "ratio" && kind !== "update_rate" && kind !== "formula";

/** The definition as the API takes it: names in both languages, and a key where it has none. */
export function finished(metric: MetricDef, taken: string[]): MetricDef {
  const label = both(metric.label);
  return {
    ...metric,
    key: metric.key || keyOfName(label.en, "metric", taken, 34),
    label,
    comparison: comparisonsFor(metric).includes(metric.comparison.kind) ? metric.comparison : { kind: "none" },
    unit: metric.unit && (metric.unit.zh || metric.unit.en) ? both(metric.unit) : null,
    ...(isOfRows(metric.measure)
      ? { where: metric.where?.trim() || null }
      : { source: metric.object, path: "", where: null }),
  };
}

const BEFORE = ["previous_period", "same_period_last_year"] as const;
const ENDLESS = new Set<Window["kind"]>(["all", "since"]);
const TIMELESS = new Set<Measure["kind"]>(["ratio", "share", "days_since", "update_rate", "formula"]);

/** What a metric can be compared with: an earlier period only where the window has one before it. */
export function comparisonsFor(metric: MetricDef): Comparison["kind"][] {
  const earlier = ENDLESS.has(metric.window.kind) || TIMELESS.has(metric.measure.kind) ? [] : BEFORE;
  return ["none", ...earlier, "team_mean", "benchmark"];
}
