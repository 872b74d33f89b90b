import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";

/** What the rules are called that brought one's tasks and signals, by their keys. */
export function useRuleNames(): ReadonlyMap<string, string> {
  const { say } = useWords();
  const found = useQuery({
    queryKey: ["rule-names"],
    queryFn: () => told(api.GET("/api/rules/names")),
    staleTime: 60_000,
    retry: false,
  });
  return new Map(found.data?.items.map((each) => [each.rule, say(each.label)]));
}
