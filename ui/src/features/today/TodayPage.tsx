import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { useMe } from "../../api/queries";
import type { Page } from "../../api/types";
import { useWords, withWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { byUrgency, type Matter, ownerOf } from "./day";
import { LightEntries } from "./LightEntry";
import { Matters } from "./Matters";
import { useNow } from "./now";
import { useMySignals, useMyTasks, useOverdueOfOthers } from "./tasks";

const ToConfirm = lazy(withWords(() => import("../content/ToConfirm").then((found) => ({ default: found.ToConfirm }))));

const Team = lazy(withWords(() => import("./Team").then((found) => ({ default: found.Team }))));

/** My day (今日待办): what needs me now, what needs me today, what is calm; then what my people have in hand. */
export function TodayPage() {
  const { t, language } = useWords();
  const me = useMe().data;
  const [taskPage, signalPage, overdue] = [useMyTasks().data, useMySignals().data, useOverdueOfOthers().data];
  const now = useNow();
  const tasks = mattersOf("task", taskPage);
  const signals = mattersOf("signal", signalPage);
  const mine = byUrgency([...signals.filter((each) => ownerOf(each).id === me?.person.id), ...tasks], now);
  const team = [...signals.filter((each) => ownerOf(each).id !== me?.person.id), ...mattersOf("task", overdue)];
  const urgent = mine.now.length;
  const teamUrgent = byUrgency(team, now).now.length;
  const isEmpty = urgent + mine.soon.length + mine.later.length === 0;
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
      <div className="page today">
        <div className="today-head">
          <h2>{t(greeting(now), { name: me?.person.name ?? "" })}</h2>
          <p>
            {date} · {urgent > 0 ? t("todayUrgent", { count: urgent }) : t("todayCalm")}
            {teamUrgent > 0 && ` · ${t("dayTeamUrgent", { count: teamUrgent })}`}
          </p>
        </div>
        <LightEntries />
        <Suspense fallback={null}>
          <ToConfirm />
        </Suspense>
        {isEmpty && team.length === 0 && taskPage && signalPage && (
          <Empty title={t("todayNothing")} lead={t("todayNothingLead")}>
            <Link to="/signals">{t("signalsPage")}</Link>
          </Empty>
        )}
        <Block matters={mine.now} now={now} head={<Level level="red">{t("needsNow")}</Level>} />
        <Block matters={mine.soon} now={now} head={<Level level="yellow">{t("needsToday")}</Level>} />
        <Block matters={mine.later} now={now} head={<Level level="green">{t("needsLater")}</Level>} />
        {team.length > 0 && (
          <Suspense fallback={null}>
            <Team matters={team} now={now} />
          </Suspense>
        )}
        {taskPage?.next_cursor && <More object="task" shown={tasks.length} />}
        {signalPage?.next_cursor && <More object="signal" shown={signals.length} />}
      </div>
    </>
  );
}

const mattersOf = (kind: Matter["kind"], page: Page | undefined): Matter[] =>
  (page?.items ?? []).map((row) => ({ kind, row }));

/** That there is more than a day's page holds, and the way to all of it. */
function More({ object, shown }: { object: "task" | "signal"; shown: number }) {
  const { t } = useWords();
  return (
    <p className="lead">
      {t(`todayMore.${object}`, { count: shown })}{" "}
      <Link to="/records/$object" params={{ object }}>
        {t("todayAll")}
      </Link>
    </p>
  );
}

function Block({ matters, now, head }: { matters: Matter[]; now: Date; head: ReactNode }) {
  if (matters.length === 0) return null;
  return (
    <section className="work-block">
      <h3>
        {head} <span>{matters.length}</span>
      </h3>
      <ul>
        <Matters matters={matters} now={now} />
      </ul>
    </section>
  );
}

function greeting(now: Date): string {
  const hour = now.getHours();
  return hour < 11 ? "goodMorning" : hour < 14 ? "goodNoon" : hour < 18 ? "goodAfternoon" : "goodEvening";
}
