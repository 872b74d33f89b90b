import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import type { LockHeld } from "../../api/schema";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { ReasonDialog } from "../../design/ReasonDialog";
import { useReleaseLock } from "../../features/records/Locked";
import { useDesigns } from "../definitions";

/** What rules hold locked just now, each to be opened by a person with a reason. Nothing is shown where nothing is. */
export function LocksHeld() {
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const [opening, setOpening] = useState<LockHeld>();
  const locks = useQuery({
    queryKey: ["rules", "locks", language],
    queryFn: () => told(api.GET("/api/rules/locks")),
    retry: false,
    refetchInterval: 15_000,
  });
  const release = useReleaseLock();
  const items = locks.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="design-list">
      <h2>{t("rule.locks", { count: items.length })}</h2>
      <ul>
        {items.map((each) => (
          <li key={each.key} className="dead-letter">
            <span className="design-what">
              <b>{say(designs?.rules.find((known) => known.key === each.rule)?.label) || each.rule}</b>
              <Link {...wayToRecord(each.object, each.id)}>{t("rule.record")}</Link>
              <p>{each.reason}</p>
            </span>
            <Button size="small" onClick={() => setOpening(each)}>
              {t("unlock")}
            </Button>
          </li>
        ))}
      </ul>
      {opening && (
        <ReasonDialog
          title={t("unlock")}
          lead={opening.reason}
          onReason={(note) => release.mutateAsync({ key: opening.key, note })}
          onClose={() => setOpening(undefined)}
        />
      )}
    </section>
  );
}
