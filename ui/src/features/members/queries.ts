import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { AccountLine } from "../../api/schema";

/** Who signs in with what, by person. */
export const useAccounts = () =>
  useQuery({
    queryKey: ["accounts"],
    queryFn: async () => {
      const { items } = await told(api.GET("/api/accounts"));
      return new Map(items.map((each): [string, AccountLine] => [each.person, each]));
    },
    retry: false,
  });

/** A change of sign-ins; all are asked for again after it. */
export function useAccountChange<A>(change: (given: A) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: ["accounts"] }),
  });
}
