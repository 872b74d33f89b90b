import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { ClassCount, SegmentMove, SegmentShown } from "../../api/schema";
import { useAskedEvery } from "../../app/live-context";

export type { ClassCount, SegmentShown };
export type Reason = SegmentMove["reason"];

export const useSegments = () =>
  useQuery({ queryKey: ["segments"], queryFn: () => told(api.GET("/api/segments")).then((found) => found.items) });

const MEMBERS = 200;
const MOVES = 60;

/** The classes with their counts, and the members of one of them (all of them for none). */
export const useSegment = (segment: string, of: string | undefined, enabled = true) =>
  useQuery({
    queryKey: ["segment", segment, of],
    queryFn: () =>
      told(
        api.GET("/api/segments/{segment}", {
          params: { path: { segment }, query: { limit: MEMBERS, ...(of ? { class: of } : {}) } },
        }),
      ),
    enabled,
    placeholderData: (before) => before,
    refetchInterval: useAskedEvery(60_000),
    meta: { reads: (answer) => new Set(answer ? [(answer as SegmentShown).object] : []) },
  });

export const useMoves = (segment: string, object: string) =>
  useQuery({
    queryKey: ["segment", segment, "moves"],
    queryFn: () =>
      told(api.GET("/api/segments/{segment}/moves", { params: { path: { segment }, query: { limit: MOVES } } })).then(
        (found) => found.items,
      ),
    refetchInterval: useAskedEvery(60_000),
    meta: { reads: () => new Set([object]) },
  });

const URGENT_FIRST = ["red", "orange", "yellow", "green"];

/** The most urgent first, whatever the order in which the decision table asks. */
export const bySeverity = (classes: readonly ClassCount[]): ClassCount[] => {
  const rank = ({ colour }: ClassCount) => {
    const at = URGENT_FIRST.indexOf(colour);
    return at < 0 ? URGENT_FIRST.length : at;
  };
  return [...classes].sort((one, other) => rank(one) - rank(other));
};
