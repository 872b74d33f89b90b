import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useMe } from "../../api/queries";
import { useWords, withWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { countOf, ofUrgency } from "./day";
import { useEntryOffers } from "./entries";
import { LightEntries } from "./LightEntry";
import { Blocks } from "./Matters";
import type { Group } from "./matter";
import { MINE, OTHERS, useGathered } from "./matters";
import { useNow } from "./now";

const ToConfirm = lazy(withWords(() => import("../content/ToConfirm").then((found) => ({ default: found.ToConfirm }))));

const Team = lazy(withWords(() => import("./Team").then((found) => ({ default: found.Team }))));

/** My day (今日待办): what needs me now, what needs me today, what is calm; then what my people have in hand. */
export function TodayPage() {
  const { t, language } = useWords();
  const me = useMe().data;
  const now = useNow();
  const signals = [useGathered("signal", MINE).data, useGathered("signal", OTHERS).data];
  const tasks = [useGathered("task", MINE).data, useGathered("task", OTHERS).data];
  const [mine, team] = [0, 1].map((at) => [...(signals[at] ?? []), ...(tasks[at] ?? [])]) as [Group[], Group[]];
  const offers = useEntryOffers();
  const isKnown = [...signals, ...tasks].every((each) => each !== undefined);
  const urgent = countOf(ofUrgency(mine, "now"));
  const teamUrgent = countOf(ofUrgency(team, "now"));
  const date = now.toLocaleDateString(language === "zh" ? "zh-CN" : "en", {
    month: "long",
    day: "numeric",
    weekday: "long",
  });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("todayPage")}</PageTitle>
      </header>
      <div className="page today" aria-busy={!isKnown || offers.isPending}>
        <div className="today-head">
          <h2>{t(greeting(now), { name: me?.person.name ?? "" })}</h2>
          <p>
            {date}
            {/* Nothing is called calm before it is known. */}
            {isKnown && ` · ${urgent > 0 ? t("todayUrgent", { count: urgent }) : t("todayCalm")}`}
            {teamUrgent > 0 && ` · ${t("dayTeamUrgent", { count: teamUrgent })}`}
          </p>
        </div>
        <LightEntries />
        <Suspense fallback={null}>
          <ToConfirm />
        </Suspense>
        {isKnown && mine.length + team.length === 0 && (
          <Empty title={t("todayNothing")} lead={t("todayNothingLead")}>
            <Link to="/signals">{t("signalsPage")}</Link>
          </Empty>
        )}
        <Blocks groups={mine} asked={MINE} now={now} />
        {team.length > 0 && (
          <Suspense fallback={<section aria-busy className="work-block" />}>
            <Team groups={team} now={now} />
          </Suspense>
        )}
      </div>
    </>
  );
}

function greeting(now: Date): string {
  const hour = now.getHours();
  return hour < 11 ? "goodMorning" : hour < 14 ? "goodNoon" : hour < 18 ? "goodAfternoon" : "goodEvening";
}
