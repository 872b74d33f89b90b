import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../../api/client";
import type {
  BacktestFound,
  BacktestShown,
  OutcomeFound,
  TriedDay,
  TriedHit,
  VersionTried,
  BacktestRequest as WireRequest,
} from "../../../api/schema";
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

export type Day = TriedDay;
export type Outcome = OutcomeFound;
export type Version = VersionTried;
export type Hit = TriedHit;
export type Result = BacktestFound;
export type BacktestJob = BacktestShown;

const ENDED = new Set(["done", "failed", "cancelled", "undone"]);

export const startBacktest = (asked: BacktestRequest) =>
  told(api.POST("/api/backtests", { params: { query: { wait: 0 } }, body: asked as unknown as WireRequest }));
export const stopBacktest = (id: string) => told(api.POST("/api/jobs/{id}/cancel", { params: { path: { id } } }));

/** The run and, once it is over, what came of it. */
export function useBacktest(id: string | undefined) {
  return useQuery({
    queryKey: ["backtest", id],
    queryFn: () => told(api.GET("/api/backtests/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: id !== undefined,
    retry: false,
    refetchInterval: ({ state }) => (state.data !== undefined && ENDED.has(state.data.state) ? false : 500),
  });
}

export const isRunning = (job: BacktestJob | undefined) => job !== undefined && !ENDED.has(job.state);
