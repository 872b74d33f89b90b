import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, told } from "../../api/client";
import { refresh, useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Reasons } from "../signals/Evidence";
import { Subject } from "../today/TaskRow";
import { makeTask, textOf } from "../today/tasks";
import { Whom } from "../today/Whom";
import { type Clocks, clocksAt, ITEM_S, minutes } from "./clock";
import type { Meeting } from "./meeting";
import { ownerOf, Standing } from "./Standing";

/** The meeting while it lasts: two clocks, and one item after the other. */
export function Running(props: { meeting: Meeting; onNext: (isSettled: boolean) => void; onEnd: () => void }) {
  const { meeting, onNext, onEnd } = props;
  const { t } = useWords();
  const clocks = clocksAt(useSeconds(), meeting.begun, meeting.itemBegun);
  const item = meeting.items[meeting.at];
  if (item === undefined || clocks.over)
    return (
      <Empty
        title={clocks.over ? t("meetingOver") : t("meetingDone")}
        lead={t("meetingDoneLead", { count: meeting.settled })}
      >
        <Button onClick={onEnd}>{t("meetingEnd")}</Button>
      </Empty>
    );
  return (
    <section className="meeting">
      <Times clocks={clocks} meeting={meeting} />
      <Item key={item.id} item={item} isOver={clocks.itemOver} onNext={onNext} onEnd={onEnd} />
    </section>
  );
}

function Times({ clocks, meeting }: { clocks: Clocks; meeting: Meeting }) {
  const { t } = useWords();
  return (
    <>
      <div className="meeting-clocks">
        <div>
          <span>{t("meetingItem", { at: meeting.at + 1, of: meeting.items.length })}</span>
          <b data-over={clocks.itemOver} role="timer">
            {minutes(clocks.item)}
          </b>
        </div>
        <div>
          <span>{t("meetingWhole")}</span>
          <b role="timer">{minutes(clocks.whole)}</b>
        </div>
      </div>
      <span className="bar-track" aria-hidden>
        <span className="bar-fill" style={{ width: `${(clocks.item / ITEM_S) * 100}%` }} />
      </span>
    </>
  );
}

// The days that a meeting gives; a decision for later is a task to be made at its place.
const DAYS = [0, 1, 3, 5] as const;

/** One red item: what is known of it, and what is said: what blocks, what is needed, who does what until when. */
function Item(props: { item: RecordRow; isOver: boolean; onNext: (isSettled: boolean) => void; onEnd: () => void }) {
  const { item, isOver, onNext, onEnd } = props;
  const { t } = useWords();
  const owner = ownerOf(item);
  // Who may not hand tasks to others keeps what is decided as a task of his own.
  const mayAsk = useModel().data?.objects.find(({ key }) => key === "task")?.may?.create === true;
  const [cause, setCause] = useState("");
  const [needs, setNeeds] = useState("");
  const [decision, setDecision] = useState("");
  const [to, setTo] = useState<string | null>(owner?.id ?? null);
  const [days, setDays] = useState<number>(1);
  const said = [
    t("meetingSaidCause", { text: cause.trim() }),
    ...(needs.trim() ? [t("meetingSaidNeeds", { text: needs.trim() })] : []),
    ...(decision.trim() ? [t("meetingSaidDecision", { text: decision.trim() })] : []),
  ].join(t("meetingSaidBetween"));
  const settle = useSettle(
    item,
    said,
    decision.trim() === "" ? null : { title: decision.trim(), to: mayAsk ? to : null, days },
  );
  return (
    <>
      <h2>{textOf(item, "title")}</h2>
      <p className="meeting-about">
        <Subject row={item} />
        <Standing item={item} />
        <span>{textOf(item, "detail")}</span>
      </p>
      <Reasons signal={item} />
      {isOver && (
        <p role="alert" className="fault">
          {t("meetingItemOver")}
        </p>
      )}
      <Said label={t("meetingCause")} value={cause} onChange={setCause} />
      <Said label={t("meetingNeeds")} value={needs} onChange={setNeeds} />
      <Said label={t("meetingDecision")} value={decision} onChange={setDecision} />
      {decision.trim() !== "" && (
        <div className="ask meeting-who">
          {mayAsk && (
            <Whom
              label={t("meetingWho")}
              roles={[]}
              to={to}
              onTo={setTo}
              {...(owner ? { known: { value: owner.id, label: owner.label } } : {})}
            />
          )}
          <div>
            <span>{t("meetingUntil")}</span>
            <Select
              aria-label={t("meetingUntil")}
              value={days}
              onChange={setDays}
              options={DAYS.map((each) => ({ value: each, label: t(`meetingDays.${each}`) }))}
            />
          </div>
        </div>
      )}
      {settle.isError && (
        <p role="alert" className="fault">
          {settle.error.message}
        </p>
      )}
      <div className="meeting-foot">
        <Button type="text" onClick={onEnd}>
          {t("meetingBreakOff")}
        </Button>
        <span className="gap" />
        <Button onClick={() => onNext(false)}>{t("meetingSkip")}</Button>
        <Button
          type="primary"
          loading={settle.isPending}
          disabled={cause.trim() === ""}
          onClick={() => settle.mutate(undefined, { onSuccess: () => onNext(true) })}
        >
          {t("meetingSettle")}
        </Button>
      </div>
    </>
  );
}

function Said({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <div className="meeting-input">
      <span>{label}</span>
      <Input.TextArea
        aria-label={label}
        autoSize={{ minRows: 1, maxRows: 4 }}
        // All three have to find room in the signal's reason.
        maxLength={300}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

/** Keeps what was said with the signal, and makes the task that was decided on; sent again, it is still one task. */
function useSettle(item: RecordRow, said: string, decided: { title: string; to: string | null; days: number } | null) {
  const client = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const isMade = useRef(false);
  return useMutation({
    mutationFn: async () => {
      if (decided !== null && !isMade.current) {
        const about = { object: textOf(item, "subject_object"), id: textOf(item, "subject_id") };
        const wanted = {
          title: decided.title,
          detail: said,
          to: decided.to,
          due: dueAfter(decided.days),
          about: about.object && about.id ? about : null,
        };
        await makeTask(wanted, key);
        isMade.current = true;
      }
      await told(api.POST("/api/signals/{id}/act", { params: { path: { id: item.id } }, body: { reason: said } }));
    },
    onSuccess: () => {
      refresh(client, "signal");
      refresh(client, "task");
    },
  });
}

/** Today until the evening, else so many working days from now. */
function dueAfter(days: number): string | { amount: number; unit: "working_days" } {
  if (days > 0) return { amount: days, unit: "working_days" };
  const evening = new Date();
  evening.setHours(18, 0, 0, 0);
  const soon = new Date(Date.now() + 3_600_000);
  return (evening > soon ? evening : soon).toISOString();
}

function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
