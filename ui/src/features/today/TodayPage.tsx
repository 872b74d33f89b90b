import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { useMe } from "../../api/queries";
import { useWords, withWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { SignalRow } from "../signals/SignalRow";
import { LightEntries } from "./LightEntry";
import { useNow } from "./now";
import { TaskRow } from "./TaskRow";
import { textOf, urgencyOf, useMySignals, useMyTasks } from "./tasks";

const ToConfirm = lazy(withWords(() => import("../content/ToConfirm").then((found) => ({ default: found.ToConfirm }))));

/** My day (今日待办): what needs me now, what needs me today, what is calm; each done where it stands. */
export function TodayPage() {
  const { t, language } = useWords();
  const me = useMe().data;
  const [taskPage, signalPage] = [useMyTasks().data, useMySignals().data];
  const tasks = taskPage?.items ?? [];
  const signals = signalPage?.items ?? [];
  const now = useNow();
  const of = (urgency: string) => tasks.filter((task) => urgencyOf(task, now) === urgency);
  const red = signals.filter((signal) => textOf(signal, "level") === "red");
  const yellow = signals.filter((signal) => textOf(signal, "level") === "yellow");
  const rest = signals.filter((signal) => !red.includes(signal) && !yellow.includes(signal));
  const urgent = of("now").length + red.length;
  const soon = of("soon").length + yellow.length;
  const calm = of("later").length + rest.length;
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
          </p>
        </div>
        <LightEntries />
        <Suspense fallback={null}>
          <ToConfirm />
        </Suspense>
        {urgent + soon + calm === 0 && (
          <Empty title={t("todayNothing")} lead={t("todayNothingLead")}>
            <Link to="/signals">{t("signalsPage")}</Link>
          </Empty>
        )}
        <Block count={urgent} head={<Level level="red">{t("needsNow")}</Level>}>
          {red.map((signal) => (
            <SignalRow key={signal.id} signal={signal} />
          ))}
          {of("now").map((task) => (
            <TaskRow key={task.id} task={task} now={now} />
          ))}
        </Block>
        <Block count={soon} head={<Level level="yellow">{t("needsToday")}</Level>}>
          {yellow.map((signal) => (
            <SignalRow key={signal.id} signal={signal} />
          ))}
          {of("soon").map((task) => (
            <TaskRow key={task.id} task={task} now={now} />
          ))}
        </Block>
        <Block count={calm} head={<Level level="green">{t("needsLater")}</Level>}>
          {of("later").map((task) => (
            <TaskRow key={task.id} task={task} now={now} />
          ))}
          {rest.map((signal) => (
            <SignalRow key={signal.id} signal={signal} />
          ))}
        </Block>
        {taskPage?.next_cursor && <More object="task" shown={tasks.length} />}
        {signalPage?.next_cursor && <More object="signal" shown={signals.length} />}
      </div>
    </>
  );
}

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

function Block({ count, head, children }: { count: number; head: ReactNode; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section className="work-block">
      <h3>
        {head} <span>{count}</span>
      </h3>
      <ul>{children}</ul>
    </section>
  );
}

function greeting(now: Date): string {
  const hour = now.getHours();
  return hour < 11 ? "goodMorning" : hour < 14 ? "goodNoon" : hour < 18 ? "goodAfternoon" : "goodEvening";
}
