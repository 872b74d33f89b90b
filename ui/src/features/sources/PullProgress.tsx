import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { paceOf, type Reached } from "./pace";

/** How far a pull is while it goes on: rows read, how many a second, and what is left where the source tells it. */
export function PullProgress({ job }: { job: string }) {
  const { t } = useWords();
  const first = useRef<Reached>(undefined);
  const { data } = useQuery({
    queryKey: ["pull-progress", job],
    queryFn: async () => {
      const { done, total } = await told(api.GET("/api/jobs/{id}", { params: { path: { id: job } } }));
      const now = { done, total, at: Date.now() };
      first.current ??= now;
      return { done, ...paceOf(first.current, now) };
    },
    // Who may not see the job is not to ask for it again and again.
    refetchInterval: ({ state }) => (state.status === "error" ? false : 1_500),
    retry: false,
  });
  if (data === undefined) return null;
  const { done, rate, left, minutes } = data;
  return (
    <p className="blank" role="status">
      {[
        t("pullRead", { count: done }),
        rate !== undefined && t("pullRate", { count: rate }),
        left !== undefined && left > 0 && t("pullLeft", { count: left }),
        minutes !== undefined && t("pullMinutes", { count: minutes }),
      ]
        .filter(Boolean)
        .join(" · ")}
    </p>
  );
}
