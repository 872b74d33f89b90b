import { type Query, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { Page, RecordRow } from "../../api/types";
import { useAskedEvery } from "../../app/live-context";
import type { Group, MatterKind, Urgency } from "./matter";

/** Which tasks or signals: whose, and of them only those of an urgency, a rule (empty: of none), a gap, a person. */
export interface MattersAsked {
  whose: "mine" | "others" | "all";
  urgency?: Urgency;
  rule?: string;
  gap?: string;
  person?: string;
}

export const MINE: MattersAsked = { whose: "mine" };
export const OTHERS: MattersAsked = { whose: "others" };

export const A_PAGE = 50;
// The most that a page may hold: what is chosen at once is fetched in as few as can be.
const A_LARGE_PAGE = 500;
const WITHOUT_STREAM_MS = 60_000;
const SOONEST_MS = 1_000;

/** What waits, in groups, the most urgent first. */
export function useGathered(kind: MatterKind, asked: MattersAsked, enabled = true) {
  const every = useAskedEvery(WITHOUT_STREAM_MS);
  return useQuery({
    queryKey: ["records", kind, "gathered", asked],
    queryFn: async () => {
      const found = await told(api.GET("/api/matters/{kind}/groups", { params: { path: { kind }, query: asked } }));
      return found.groups.map((each) => ({ ...each, kind, label: found.rules[each.rule ?? ""] }) as Group);
    },
    enabled,
    refetchInterval: ({ state }: Query<Group[]>) => Math.min(every, untilNextDue(state.data ?? [])),
    placeholderData: (before) => before,
    retry: false,
  });
}

/** The matters themselves, page by page, what has waited longest first. */
export function useMatters(kind: MatterKind, asked: MattersAsked, enabled = true, limit = A_PAGE) {
  return useInfiniteQuery({
    queryKey: ["records", kind, "matters", asked, limit],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam }) => pageOf(kind, asked, limit, pageParam),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: useAskedEvery(WITHOUT_STREAM_MS),
    retry: false,
  });
}

/** All of them, for what is done with all at once. */
export async function allMatters(kind: MatterKind, asked: MattersAsked): Promise<RecordRow[]> {
  const rows: RecordRow[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Page = await pageOf(kind, asked, A_LARGE_PAGE, cursor);
    rows.push(...page.items);
    cursor = page.next_cursor;
  }
  return rows;
}

const pageOf = (kind: MatterKind, asked: MattersAsked, limit: number, cursor: string): Promise<Page> =>
  told(
    api.GET("/api/matters/{kind}", {
      params: { path: { kind }, query: { ...asked, limit, ...(cursor ? { cursor } : {}) } },
    }),
  ) as Promise<Page>;

/** A task that becomes overdue is moved up by the clock alone: nobody tells of it. */
function untilNextDue(groups: Group[]): number {
  const moments = groups
    .filter((each) => each.kind === "task" && each.urgency !== "now" && each.since !== null)
    .map((each) => new Date(each.since ?? "").getTime() - Date.now());
  return Math.max(SOONEST_MS, Math.min(...moments));
}
