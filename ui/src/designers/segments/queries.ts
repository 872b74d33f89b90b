import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import type { SegmentDef } from "../definitions";
import { useSettled } from "../formula/queries";
import { exclusive } from "./draft";

export function useStanding(segment: string | undefined) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["segment", segment, language],
    queryFn: () =>
      told(api.GET("/api/segments/{segment}", { params: { path: { segment: segment ?? "" }, query: { limit: 1 } } })),
    enabled: segment !== undefined,
    retry: false,
  });
}

export function useMoves(segment: string | undefined) {
  return useQuery({
    queryKey: ["segment-moves", segment],
    queryFn: () =>
      told(
        api.GET("/api/segments/{segment}/moves", {
          params: { path: { segment: segment ?? "" }, query: { limit: 50 } },
        }),
      ),
    enabled: segment !== undefined,
    retry: false,
  });
}

const AT_ONCE = 20;

/** How many records each class of a draft would hold now, without hysteresis and stay. */
export function useDraftCounts(segment: SegmentDef) {
  const conditions = useSettled(JSON.stringify(exclusive(segment.classes)), 500);
  return useQuery({
    queryKey: ["segment-draft", segment.object, conditions],
    queryFn: async () => {
      const asked = JSON.parse(conditions) as string[];
      const counts: number[] = [];
      for (let from = 0; from < asked.length; from += AT_ONCE) {
        const measures = asked
          .slice(from, from + AT_ONCE)
          .map((where, at) => ({ name: `c${from + at}`, function: "count" as const, where }));
        const found = await told(api.POST("/api/query", { body: { object: segment.object, measures } }));
        for (const each of measures) counts.push(Number(found.rows[0]?.[each.name] ?? 0));
      }
      return counts;
    },
    placeholderData: (before) => before,
    retry: false,
  });
}
