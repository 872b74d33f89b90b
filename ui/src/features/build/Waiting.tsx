import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { useDeadLetters } from "../../designers/rules/queries";
import { useApps } from "../apps/queries";
import { useQuestions, useSources } from "../sources/queries";

/** What stands still until somebody who builds looks at it, each with the way there. */
export function Waiting({ manages }: { manages: string[] }) {
  const { t } = useWords();
  return (
    <section>
      <h2>{t("buildWaits")}</h2>
      <ul className="build-waits">
        {manages.includes("model") && <OfModel />}
        {manages.includes("jobs") && <Undelivered />}
      </ul>
      <p className="lead build-calm">{t("buildCalm")}</p>
    </section>
  );
}

function OfModel() {
  const { t, listed } = useWords();
  const ill = (useSources().data ?? []).filter((each) => each.enabled && each.healthy === false);
  const questions = useQuestions().data ?? [];
  const dead = useDeadLetters().data?.items ?? [];
  const newer = (useApps().data?.installed ?? []).filter(
    (each) => each.offered_version && each.offered_version !== each.version,
  );
  return (
    <>
      <Line count={ill.length} to={<Link to="/build/sources">{t("sources")}</Link>}>
        {t("buildIll", { count: ill.length, names: listed(ill.map((each) => each.label ?? each.key)) })}
      </Line>
      <Line count={questions.length} to={<Link to="/build/sources">{t("sources")}</Link>}>
        {t("buildQuestions", { count: questions.length })}
      </Line>
      <Line count={dead.length} to={<Link to="/build/rules">{t("rules")}</Link>}>
        {t("buildDead", { count: dead.length })}
      </Line>
      <Line count={newer.length} to={<Link to="/build/apps">{t("apps")}</Link>}>
        {t("buildNewer", { count: newer.length })}
      </Line>
    </>
  );
}

function Undelivered() {
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["deliveries", "waiting-for-somebody"],
    queryFn: () => told(api.GET("/api/deliveries", { params: { query: { state: "dead" } } })),
    retry: false,
  });
  const count = found.data?.items.length ?? 0;
  return (
    <Line count={count} to={<Link to="/build/deliveries">{t("deliveries")}</Link>}>
      {t("buildUndelivered", { count })}
    </Line>
  );
}

function Line({ count, to, children }: { count: number; to: ReactNode; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <li>
      <Level level="yellow">{children}</Level>
      {to}
    </li>
  );
}
