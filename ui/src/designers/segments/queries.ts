import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useWords } from "../../app/language";
import type { Colour, SegmentDef } from "../definitions";
import { useSettled } from "../formula/queries";
import { exclusive } from "./draft";

export interface Standing {
  segment: string;
  label: string;
  object: string;
  classes: { key: string; label: string; colour: Colour; count: number }[];
  members: { id: string; label: string; class: string; since: string }[];
}

export interface Move {
  seq: number;
  id: string;
  label: string;
  at: string;
  from: string | null;
  to: string | null;
  reason: Record<string, unknown> | null;
  version: number;
}

export function useStanding(segment: string | undefined) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["segment", segment, language],
    queryFn: () => call<Standing>("GET", `/api/segments/${segment}?limit=1`),
    enabled: segment !== undefined,
    retry: false,
  });
}

export function useMoves(segment: string | undefined) {
  return useQuery({
    queryKey: ["segment-moves", segment],
    queryFn: () => call<{ items: Move[] }>("GET", `/api/segments/${segment}/moves?limit=50`),
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
          .map((where, at) => ({ name: `c${from + at}`, function: "count", where }));
        const answer = { object: segment.object, measures };
        const found = await call<{ rows: Record<string, number>[] }>("POST", "/api/query", answer);
        for (const each of measures) counts.push(Number(found.rows[0]?.[each.name] ?? 0));
      }
      return counts;
    },
    placeholderData: (before) => before,
    retry: false,
  });
}
