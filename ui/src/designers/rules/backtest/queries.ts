import { useQuery } from "@tanstack/react-query";
import { call } from "../../../api/client";
import type { FieldValue, Label } from "../../../api/types";
import type { RuleDef, SegmentDef } from "../../definitions";

/** What is tried: a rule, or that a record enters a class of a segment (any, where none is named). */
export type Tried = { rule: RuleDef } | { segment: SegmentDef; classes: string[] };

export type BacktestRequest = Tried & {
  from: string;
  to: string;
  against?: RuleDef | SegmentDef;
  outcome?: string;
  outcome_days?: number;
  basis: "known" | "today";
};

export interface Day {
  day: string;
  hits: number;
  ended: number;
  standing: number;
  people: number;
  most_for_one: number;
}

export interface Outcome {
  formula: string;
  days: number;
  decided: number;
  came_true: number;
  waiting: number;
  precision: number | null;
  base_rate: number | null;
  lift: number | null;
  turns: number;
  foretold: number;
  recall: number | null;
  median_lead_days: number | null;
}

export interface Version {
  hits: number;
  records: number;
  days: Day[];
  workload: {
    people: { person: string; label: string | null; hits: number; days: number; per_day: number; most: number }[];
    per_person_and_day: number;
    most_for_one_on_a_day: number;
  };
  outcome: Outcome | null;
  /** Of a segment: how often from which class to which. */
  moves: { from: string | null; to: string | null; count: number }[];
  sample: Hit[];
}

export interface Hit {
  record: string;
  label: string | null;
  at: string;
  day: string;
  people: string[];
  seen: Record<string, FieldValue>;
  came_true: boolean | null;
}

export interface Result extends Version {
  rule: string;
  object: string;
  from: string;
  to: string;
  through: string | null;
  basis: "known" | "today";
  against?: Version;
  comparison?: { only_first: number; only_second: number; both: number };
  notes: Label[];
  engine: string;
  /** Why this engine ran it. */
  why: Label;
  seconds: number;
}

export interface BacktestJob {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled" | "undone";
  progress: number;
  done: number;
  total: number | null;
  error: { message: string } | null;
  result: Result | null;
}

const ENDED = new Set(["done", "failed", "cancelled", "undone"]);

export const startBacktest = (asked: BacktestRequest) => call<{ id: string }>("POST", "/api/backtests?wait=0", asked);
export const stopBacktest = (id: string) => call("POST", `/api/jobs/${id}/cancel`, {});

/** The run and, once it is over, what came of it. */
export function useBacktest(id: string | undefined) {
  return useQuery({
    queryKey: ["backtest", id],
    queryFn: () => call<BacktestJob>("GET", `/api/backtests/${id}`),
    enabled: id !== undefined,
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && ENDED.has(state.data.state) ? false : 500),
  });
}

export const isRunning = (job: BacktestJob | undefined) => job !== undefined && !ENDED.has(job.state);
