import { App, Button, Tabs } from "antd";
import { PlugZap } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { inWords } from "../../api/in-words";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { AskedChange, useChange } from "../../designers/change/asking";
import { HealthMark } from "./HealthMark";
import { HookAddress } from "./HookAddress";
import { Mappings } from "./Mappings";
import { countsOf } from "./options";
import { PullButton } from "./PullButton";
import { PullProgress } from "./PullProgress";
import { Pushes } from "./Pushes";
import {
  type Run,
  type SourceState,
  useDefinitions,
  useKinds,
  usePushes,
  useRefusals,
  useRuns,
  useSourceCall,
} from "./queries";
import { Refusals } from "./Refusals";
import { Secrets } from "./Secrets";
import { SourceDialog } from "./SourceDialog";
import { scheduleName } from "./schedules";
import { Voices } from "./Voices";

/** One source: test, pull, its streams, what it did, what was refused, its secrets and mappings. */
export function SourceDetail({ source }: { source: SourceState }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const definition = useDefinitions().sources.find((each) => each.key === source.key);
  const kind = useKinds().data?.find((each) => each.key === source.kind);
  const refusals = useRefusals(source.key);
  const stuck = usePushes(source.key).data?.filter(({ state }) => state === "conflict" || state === "failed").length;
  const [editing, setEditing] = useState(false);
  const change = useChange();
  const failed = (error: Error) => void message.error(error.message, 6);
  const params = { path: { source: source.key } };
  const test = useSourceCall(() => told(api.POST("/api/sources/{source}/test", { params })));
  const name = source.label ?? source.key;
  const pulledAt = (cron: string) => {
    const named = scheduleName(cron);
    return `${t("schedule")} ${named === undefined ? cron : t(`schedule.${named}`)}`;
  };
  return (
    <>
      <section className="source-head">
        <h2>
          {name} {kind?.label !== name && <span className="blank">{kind?.label ?? source.kind}</span>}
        </h2>
        <HealthMark source={source} />
        <span className="gap" />
        <Button
          icon={<PlugZap size={14} aria-hidden />}
          loading={test.isPending}
          onClick={() =>
            test.mutate(undefined, {
              onSuccess: (found) =>
                void (found.ok
                  ? message.success(found.message)
                  : message.error(found.faults[0] ? inWords(found.faults[0]) : found.message, 6)),
              onError: failed,
            })
          }
        >
          {t("testSource")}
        </Button>
        <PullButton source={source} />
        {definition && <Button onClick={() => setEditing(true)}>{t("edit")}</Button>}
      </section>
      {source.faults.map((fault) => (
        <p key={`${fault.code}${fault.message}`} className="fault">
          {inWords(fault)}
        </p>
      ))}
      <p className="blank">
        {source.schedule ? pulledAt(source.schedule) : t("scheduleNone")}
        {source.next_at && (
          <>
            {` · ${t("nextAt")} `}
            <Moment at={source.next_at} />
          </>
        )}
        {source.checked_at && (
          <>
            {` · ${t("checkedAt")} `}
            <Moment at={source.checked_at} />
          </>
        )}
      </p>
      {source.voices && <Voices voices={source.voices} />}
      {source.hook && <HookAddress hook={source.hook} />}
      <Tabs
        items={[
          { key: "runs", label: t("runs"), children: <Runs source={source} /> },
          {
            key: "refusals",
            label: `${t("refusals")}${refusals.data?.length ? ` ${refusals.data.length}` : ""}`,
            children: <Refusals source={source} />,
          },
          {
            key: "pushes",
            label: `${t("pushes")}${stuck ? ` ${stuck}` : ""}`,
            children: <Pushes source={source} />,
          },
          { key: "mappings", label: t("mappings"), children: <Mappings source={source} /> },
          { key: "secrets", label: t("secrets"), children: <Secrets source={source} kind={kind} /> },
        ]}
      />
      {definition && (
        <Button
          type="text"
          danger
          className="remove-source"
          onClick={() =>
            change.ask({
              title: t("removeOf", { name }),
              actions: [{ action: "remove_source", source: source.key }],
            })
          }
        >
          {t("removeSource")}
        </Button>
      )}
      {editing && definition && (
        <SourceDialog before={definition} taken={[]} onMade={() => undefined} onClose={() => setEditing(false)} />
      )}
      <AskedChange change={change} />
    </>
  );
}

function Runs({ source }: { source: SourceState }) {
  const { t, language } = useWords();
  const runs = useRuns(source.key);
  const locale = language === "en" ? "en" : "zh-CN";
  return (
    <>
      <ul className="streams">
        {source.streams.map((each) => (
          <li key={each.key}>
            <span>{each.label}</span>
            <span className="blank">
              {each.pulled_at ? <Moment at={each.pulled_at} /> : t(each.told ? "comesByItself" : "neverPulled")}
            </span>
          </li>
        ))}
      </ul>
      {runs.data?.length === 0 && <p className="blank">{t("runsNothing")}</p>}
      <ul className="runs">
        {(runs.data ?? []).map((run) => (
          <li key={run.id}>
            <span className="chip" data-colour={COLOURS[endOf(run)]}>
              {t(`runState.${endOf(run)}`)}
            </span>
            <span>{t(`runKind.${run.kind}`, { defaultValue: run.kind })}</span>
            <span className="blank">
              <Moment at={run.started_at} />
            </span>
            <span className="run-counts">
              {countsOf(run.counts).map(([name, number]) => (
                <span key={name} data-bad={name === "refused"}>
                  {t(`count.${name}`, { defaultValue: name })} {number.toLocaleString(locale)}
                </span>
              ))}
            </span>
            {run.state === "running" && run.job && <StopPull job={run.job} />}
            {run.state === "running" && run.job && <PullProgress job={run.job} />}
            {shownFaults(run).map((fault) => (
              <p key={`${fault.code}${fault.message}`} className="fault">
                {inWords(fault)}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Ends a pull that is under way: what it brought stays, and the next goes on from there. */
function StopPull({ job }: { job: string }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const stop = useSourceCall(() => told(api.POST("/api/jobs/{id}/cancel", { params: { path: { id: job } } })));
  return (
    <Button
      size="small"
      loading={stop.isPending}
      onClick={() =>
        stop.mutate(undefined, {
          onSuccess: () => void message.success(t("pullStopped")),
          onError: (error) => void message.error(error.message, 6),
        })
      }
    >
      {t("stopPull")}
    </Button>
  );
}

const COLOURS: Record<string, string> = { running: "blue", done: "green", failed: "red", stopped: "grey" };

// What a person stopped has not failed.
const STOPPED = "source.cancelled";
const endOf = (run: Run): string => (run.faults.some(({ code }) => code === STOPPED) ? "stopped" : run.state);
const shownFaults = (run: Run) => run.faults.filter(({ code }) => code !== STOPPED);
