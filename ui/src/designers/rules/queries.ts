import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { DeadLetter, RuleFired, RuleShown } from "../../api/schema";
import { useWords } from "../../app/language";

export type RuleStanding = RuleShown;
export type Fired = RuleFired;
export type { DeadLetter };

export function useStandings() {
  const { language } = useWords();
  return useQuery({
    queryKey: ["rules", language],
    queryFn: () => told(api.GET("/api/rules")),
    retry: false,
    // Rules fire while one looks on.
    refetchInterval: 15_000,
  });
}

export function useLog(rule: string) {
  return useInfiniteQuery({
    queryKey: ["rules", "log", rule],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/rules/{rule}/log", {
          params: { path: { rule }, query: { limit: 50, ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => (page.next_before === null ? undefined : page.next_before),
    retry: false,
  });
}

export function useDeadLetters(rule?: string) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["rules", "dead", rule, language],
    queryFn: () => told(api.GET("/api/rules/dead", { params: { query: rule ? { rule } : {} } })),
    retry: false,
    refetchInterval: 15_000,
  });
}

export function useSendAgain() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => told<unknown>(api.POST("/api/rules/dead/{key}/run", { params: { path: { key } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["rules"] }),
  });
}
