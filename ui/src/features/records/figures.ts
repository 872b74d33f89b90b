import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { MetricExplained, MetricShown, MetricsShown, ClassStanding as StandingShown } from "../../api/schema";
import type { FieldValue, RecordRow } from "../../api/types";

/** A metric's value on a record as the API tells it; `why` says why there is none. */
export type MetricValue = Valued<MetricShown>;
type MetricValues = Omit<MetricsShown, "items"> & { items: MetricValue[] };

/** What a value was made of. `words` is the definition in words; `parts` are the metrics it is worked out from. */
export type MetricExplanation = Valued<Omit<MetricExplained, "rows" | "parts">> & {
  rows: RecordRow[];
  parts: MetricExplanation[];
};

/** The class a record is in. `seen` are the values the decision was made on. */
export type ClassStanding = Omit<StandingShown, "reason"> & {
  reason: { when?: string | null; seen?: Record<string, FieldValue> } | null;
};

/** The values are those of fields, which the model knows and the description does not. */
type Valued<Shown> = Omit<Shown, "value" | "base"> & { value: FieldValue; base: FieldValue };

export const useMetricValues = (object: string, id: string, enabled: boolean) =>
  useQuery({
    queryKey: ["record", object, id, "metrics"],
    queryFn: () =>
      told(
        api.GET("/api/metrics/{object}/{record}", { params: { path: { object, record: id } } }),
      ) as Promise<MetricValues>,
    meta: { reads: () => new Set([object]) },
    enabled,
    retry: false,
  });

export const useMetricExplanation = (object: string, id: string, metric: string, enabled: boolean) =>
  useQuery({
    queryKey: ["record", object, id, "metrics", metric],
    queryFn: () =>
      told(
        api.GET("/api/metrics/{object}/{record}/{metric}/explain", {
          params: { path: { object, record: id, metric } },
        }),
      ) as Promise<MetricExplanation>,
    enabled,
    retry: false,
  });

export const useClasses = (object: string, id: string, enabled = true) =>
  useQuery({
    queryKey: ["record", object, id, "classes"],
    queryFn: () =>
      told(api.GET("/api/records/{object}/{id}/segments", { params: { path: { object, id } } })) as Promise<{
        items: ClassStanding[];
      }>,
    meta: { reads: () => new Set([object]) },
    enabled,
    retry: false,
  });
