import { Button, Checkbox, DatePicker, Progress, Segmented } from "antd";
import dayjs from "dayjs";
import { type ReactNode, useState } from "react";
import { Problem } from "../../../api/client";
import { useWords } from "../../../app/language";
import type { RuleDef, SegmentDef } from "../../definitions";
import { Line } from "../../LabelFields";
import { OutcomeFields, type WantedOutcome } from "../OutcomeFields";
import { BacktestResult } from "./BacktestResult";
import {
  type BacktestJob,
  type BacktestRequest,
  isRunning,
  startBacktest,
  stopBacktest,
  type Tried,
  useBacktest,
} from "./queries";

/** 用历史试运行: what a rule or segment would have done over the company's own past. Nothing is written, nobody told. */
export function TryOnPast(props: {
  object: string;
  tried: Tried;
  /** The version in force, to compare with. */
  live: RuleDef | SegmentDef | undefined;
  wanted: WantedOutcome;
  onWanted: (part: Partial<WantedOutcome>) => void;
  children?: ReactNode;
}) {
  const { object, tried, live, wanted, onWanted, children } = props;
  const { t } = useWords();
  const [range, setRange] = useState<[dayjs.Dayjs, dayjs.Dayjs]>(() => [dayjs().subtract(90, "day"), dayjs()]);
  const [basis, setBasis] = useState<"known" | "today">("known");
  const [compared, setCompared] = useState(false);
  const [run, setRun] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const [asked, setAsked] = useState<string>();
  const job = useBacktest(run);
  const given = "rule" in tried ? tried.rule : tried.segment;
  const differs = live !== undefined && JSON.stringify(live) !== JSON.stringify(given);
  const request: BacktestRequest = {
    from: range[0].format("YYYY-MM-DD"),
    to: range[1].format("YYYY-MM-DD"),
    ...tried,
    ...(compared && differs && live ? { against: live } : {}),
    ...(wanted.outcome ? { outcome: wanted.outcome, outcome_days: wanted.outcome_days } : {}),
    basis,
  };
  const start = async () => {
    setProblem(undefined);
    try {
      const started = await startBacktest(request);
      setAsked(JSON.stringify(request));
      setRun(started.id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  const running = isRunning(job.data);
  const days = range[1].diff(range[0], "day");
  const recent = (count: number) => setRange([dayjs().subtract(count, "day"), dayjs()]);
  return (
    <div className="past">
      <p className="lead">{t("past.lead")}</p>
      <dl className="fields">
        {children}
        <Line label={t("past.range")}>
          <div className="inline">
            <DatePicker.RangePicker
              aria-label={t("past.range")}
              allowClear={false}
              value={range}
              maxDate={dayjs()}
              onChange={(given) => given?.[0] && given[1] && setRange([given[0], given[1]])}
            />
            {[30, 90, 365].map((count) => (
              <Button key={count} type="text" size="small" aria-pressed={days === count} onClick={() => recent(count)}>
                {t("past.recent", { count })}
              </Button>
            ))}
          </div>
        </Line>
        <Line label={t("past.outcome")} lead={t("past.outcomeLead")}>
          <OutcomeFields object={object} wanted={wanted} onWanted={onWanted} />
        </Line>
        <Line label={t("past.basis")} lead={t(`past.basisLead.${basis}`)}>
          <Segmented
            aria-label={t("past.basis")}
            value={basis}
            options={(["known", "today"] as const).map((value) => ({ value, label: t(`past.basis.${value}`) }))}
            onChange={setBasis}
          />
        </Line>
        {live && (
          <Line label={t("past.compare")}>
            <Checkbox
              checked={compared && differs}
              disabled={!differs}
              onChange={(event) => setCompared(event.target.checked)}
            >
              {t(differs ? "past.compareLive" : "past.sameAsLive")}
            </Checkbox>
          </Line>
        )}
      </dl>
      <div className="inline">
        <Button onClick={() => void start()} disabled={running} className="run-past">
          {t("past.run")}
        </Button>
        {running && job.data && (
          <>
            <Progress
              percent={Math.round(job.data.progress * 100)}
              size="small"
              aria-label={t("past.progress")}
              style={{ width: 200 }}
            />
            <span className="lead">{t("past.moments", { count: job.data.outlook.moments })}</span>
            <Button type="text" onClick={() => run && void stopBacktest(run)}>
              {t("past.stop")}
            </Button>
          </>
        )}
      </div>
      <div aria-live="polite">
        {running && <DayByDay metrics={job.data?.outlook.day_by_day ?? []} />}
        {problem && (
          <div role="alert" className="fault">
            {(problem.faults.length > 0 ? problem.faults : [{ code: "", message: problem.message }]).map((fault) => (
              <p key={fault.message}>{fault.message}</p>
            ))}
          </div>
        )}
        {job.data?.state === "failed" && <p className="fault">{job.data.error?.message ?? t("error")}</p>}
        {job.data?.state === "cancelled" && <p className="lead">{t("past.stopped")}</p>}
      </div>
      {job.data?.state === "done" && job.data.result && (
        <>
          {asked !== JSON.stringify(request) && <p className="hint">{t("past.changedSince")}</p>}
          <BacktestResult result={job.data.result} {...("segment" in tried ? { segment: tried.segment } : {})} />
        </>
      )}
    </div>
  );
}

/** What makes a run long, told while it lasts. */
function DayByDay({ metrics }: { metrics: BacktestJob["outlook"]["day_by_day"] }) {
  const { t } = useWords();
  if (metrics.length === 0) return null;
  return <p className="hint">{t("past.dayByDay", { metrics: metrics.map((each) => each.label).join("、") })}</p>;
}
