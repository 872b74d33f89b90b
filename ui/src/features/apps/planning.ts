import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../../api/client";
import type { AppPlan } from "../../api/schema";
import { type Asked, ask } from "./queries";

/** What something asked of an app would do, with the side chosen in each conflict; `apply` does it. */
export function usePlan(asked: Asked) {
  const client = useQueryClient();
  const [theirs, setTheirs] = useState<string[]>([]);
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const plan = useQuery({
    queryKey: ["app-plan", asked, theirs],
    queryFn: () => ask(asked, theirs, true),
    placeholderData: (before) => before,
    retry: false,
    staleTime: 0,
  });
  const problem = refused ?? (plan.error instanceof Problem ? plan.error : undefined);
  return {
    found: plan.data,
    isPending: plan.isPending,
    isBusy: busy || plan.isFetching,
    problem,
    sound: plan.data !== undefined && plan.data.preview.faults.length === 0 && problem === undefined,
    theirs,
    choose: (at: string, side: "mine" | "theirs") =>
      setTheirs((before) => [...before.filter((each) => each !== at), ...(side === "theirs" ? [at] : [])]),
    apply: async (onDone: (done: AppPlan) => void) => {
      setBusy(true);
      try {
        const done = await ask(asked, theirs, false);
        await client.invalidateQueries();
        onDone(done);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        setRefused(error);
      } finally {
        setBusy(false);
      }
    },
  };
}
