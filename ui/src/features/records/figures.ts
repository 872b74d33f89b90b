import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { FieldValue, RecordRow } from "../../api/types";

/** A metric's value on a record as the API tells it; `why` says why there is none. */
export interface MetricValue {
  metric: string;
  label: string;
  value: FieldValue;
  base: FieldValue;
  why: string | null;
  kind: string;
  unit: string | null;
}

/** What a value was made of. `words` is the definition in words; `parts` are the metrics it is worked out from. */
export interface MetricExplanation extends MetricValue {
  words: string;
  window: { start: string | null; end: string };
  rows: RecordRow[];
  count: number;
  parts: MetricExplanation[];
  definition: { source?: string | null };
  as_of: string | null;
}

/** The class a record is in. `seen` are the values the decision was made on. */
export interface ClassStanding {
  segment: string;
  label: string;
  class: string;
  class_label: string;
  colour: string | null;
  since: string;
  from_label: string | null;
  reason: { when?: string | null; seen?: Record<string, FieldValue> } | null;
}

export const useMetricValues = (object: string, id: string, enabled: boolean) =>
  useQuery({
    queryKey: ["record", object, id, "metrics"],
    queryFn: () => call<{ items: MetricValue[]; as_of: string | null }>("GET", `/api/metrics/${object}/${id}`),
    meta: { reads: () => new Set([object]) },
    enabled,
    retry: false,
  });

export const useMetricExplanation = (object: string, id: string, metric: string, enabled: boolean) =>
  useQuery({
    queryKey: ["record", object, id, "metrics", metric],
    queryFn: () => call<MetricExplanation>("GET", `/api/metrics/${object}/${id}/${metric}/explain`),
    enabled,
    retry: false,
  });

export const useClasses = (object: string, id: string, enabled = true) =>
  useQuery({
    queryKey: ["record", object, id, "classes"],
    queryFn: () => call<{ items: ClassStanding[] }>("GET", `/api/records/${object}/${id}/segments`),
    meta: { reads: () => new Set([object]) },
    enabled,
    retry: false,
  });

/** A metric's value as a person reads it, with its unit. */
export function figureText(each: Pick<MetricValue, "kind" | "unit">, value: FieldValue, locale: string): string {
  if (value === null) return "—";
  const unit = each.unit ?? "";
  if (typeof value === "number")
    return `${value.toLocaleString(locale, { maximumFractionDigits: 2 })}${unit && ` ${unit}`}`;
  if (each.kind === "datetime") return new Date(String(value)).toLocaleString(locale);
  return `${String(value)}${unit && ` ${unit}`}`;
}
