import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { FieldValue } from "../../api/types";
import { useWords } from "../../app/language";

/** How a rule stands, as the server tells it. */
export interface RuleStanding {
  rule: string;
  as_of: string | null;
  last_fired: string | null;
  firings: number;
  open_episodes: number;
  dead: number;
  error: string | null;
}

export interface Fired {
  seq: number;
  firing: string;
  rule: string;
  version: number;
  object: string;
  /** The record it fired for. */
  id: string;
  label: string | null;
  at: string;
  seen: Record<string, FieldValue>;
  held: string | null;
  ended_at: string | null;
  actions: { key: string; action: string; state: string; attempts: number; error: { zh: string; en: string } | null }[];
}

export interface DeadLetter {
  key: string;
  rule: string;
  object: string;
  id: string;
  at: string;
  action: string;
  attempts: number;
  error: string | null;
  finished_at: string | null;
}

export function useStandings() {
  const { language } = useWords();
  return useQuery({
    queryKey: ["rules", language],
    queryFn: () => call<{ items: RuleStanding[] }>("GET", "/api/rules"),
    retry: false,
    // Rules fire while one looks on.
    refetchInterval: 15_000,
  });
}

export function useLog(rule: string) {
  return useInfiniteQuery({
    queryKey: ["rules", "log", rule],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      call<{ items: Fired[]; next_before: number | null }>(
        "GET",
        `/api/rules/${rule}/log?limit=50${pageParam ? `&before=${pageParam}` : ""}`,
      ),
    getNextPageParam: (page) => (page.next_before === null ? undefined : String(page.next_before)),
    retry: false,
  });
}

export function useDeadLetters(rule?: string) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["rules", "dead", rule, language],
    queryFn: () => call<{ items: DeadLetter[] }>("GET", `/api/rules/dead${rule ? `?rule=${rule}` : ""}`),
    retry: false,
    refetchInterval: 15_000,
  });
}

export function useSendAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => call("POST", `/api/rules/dead/${encodeURIComponent(key)}/run`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ["rules"] }),
  });
}
