import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { Lock } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { api, told } from "../../api/client";
import type { LockHeld } from "../../api/schema";
import { useWords, withWords } from "../../app/language";

const ReasonDialog = lazy(
  withWords(() => import("../../design/ReasonDialog").then((found) => ({ default: found.ReasonDialog }))),
);

/** What rules have locked of a record and why; whoever may opens it again from here, with a reason. */
export function Locked({ object, id }: { object: string; id: string }) {
  const { t, language } = useWords();
  const [opening, setOpening] = useState<LockHeld>();
  const locks = useQuery({
    queryKey: ["locks", object, id, language],
    queryFn: () => told(api.GET("/api/records/{object}/{id}/locks", { params: { path: { object, id } } })),
    retry: false,
  });
  const release = useReleaseLock();
  return (
    <>
      {locks.data?.items.map((each) => (
        <p key={each.key} className="locked" role="status">
          <Lock size={14} aria-hidden />
          <span>
            {t(each.fields.length > 0 ? "lockedFields" : "lockedRecord", { count: each.fields.length })}
            {each.reason}
          </span>
          {locks.data.may_release && (
            <Button size="small" onClick={() => setOpening(each)}>
              {t("unlock")}
            </Button>
          )}
        </p>
      ))}
      {opening && (
        <Suspense fallback={null}>
          <ReasonDialog
            title={t("unlock")}
            lead={opening.reason}
            onReason={(note) => release.mutateAsync({ key: opening.key, note })}
            onClose={() => setOpening(undefined)}
          />
        </Suspense>
      )}
    </>
  );
}

export function useReleaseLock() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, note }: { key: string; note: string }) =>
      told<unknown>(api.POST("/api/rules/locks/{key}/release", { params: { path: { key } }, body: { note } })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["locks"] });
      void client.invalidateQueries({ queryKey: ["rules"] });
    },
  });
}
