import { App, Button, Input } from "antd";
import { useEffect, useState } from "react";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { Subject } from "../today/TaskRow";
import { textOf, useMoveSignal, useMySignals } from "../today/tasks";
import { clocksAt, MOST_ITEMS, minutes } from "./clock";

/** The morning meeting (3个红灯项晨会): three red items, ninety seconds each, fifteen minutes and no more. */
export function MeetingPage() {
  const { t } = useWords();
  const signals = useMySignals(100);
  const [items, setItems] = useState<RecordRow[]>();
  const red = (signals.data?.items ?? []).filter((each) => each.level === "red");
  // The longest-standing first: those have waited.
  const agenda = [...red].reverse().slice(0, MOST_ITEMS);
  return (
    <>
      <header className="bar">
        <h1>{t("meetingPage")}</h1>
        <span className="gap" />
        {items === undefined && (
          <Button type="primary" disabled={agenda.length === 0} onClick={() => setItems(agenda)}>
            {t("meetingBegin")}
          </Button>
        )}
      </header>
      <div className="page today">
        {items !== undefined ? (
          <Running items={items} onEnd={() => setItems(undefined)} />
        ) : signals.isSuccess && agenda.length === 0 ? (
          <Empty title={t("meetingNothing")} lead={t("meetingNothingLead")} />
        ) : (
          <section className="work-block">
            <h3>{t("meetingAgenda", { count: agenda.length })}</h3>
            <ul>
              {agenda.map((each) => (
                <li key={each.id} className="work-row">
                  <div className="work-what">
                    <Level level="red">{t("needsNow")}</Level>
                    <b>{textOf(each, "title")}</b>
                    <p>
                      <Subject row={each} />
                    </p>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </>
  );
}

function Running({ items, onEnd }: { items: RecordRow[]; onEnd: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const move = useMoveSignal();
  const [begun] = useState(() => Date.now());
  const [itemBegun, setItemBegun] = useState(begun);
  const [at, setAt] = useState(0);
  const [cause, setCause] = useState("");
  const [needs, setNeeds] = useState("");
  const now = useSeconds();
  const clocks = clocksAt(now, begun, itemBegun);
  const item = items[at];
  const next = () => {
    setAt(at + 1);
    setItemBegun(Date.now());
    setCause("");
    setNeeds("");
  };
  if (item === undefined || clocks.over)
    return (
      <Empty
        title={clocks.over ? t("meetingOver") : t("meetingDone")}
        lead={t("meetingDoneLead", { count: Math.min(at, items.length) })}
      >
        <Button onClick={onEnd}>{t("meetingEnd")}</Button>
      </Empty>
    );
  const settle = () =>
    move.mutate(
      { id: item.id, move: "act", body: { reason: [cause, needs].filter(Boolean).join(" / ") } },
      { onSuccess: next, onError: (error) => void message.error(error.message, 6) },
    );
  return (
    <section className="meeting">
      <div className="meeting-clocks">
        <div>
          <span>{t("meetingItem", { at: at + 1, of: items.length })}</span>
          <b data-over={clocks.itemOver} role="timer">
            {minutes(clocks.item)}
          </b>
        </div>
        <div>
          <span>{t("meetingWhole")}</span>
          <b role="timer">{minutes(clocks.whole)}</b>
        </div>
      </div>
      <h2>{textOf(item, "title")}</h2>
      <p className="lead">
        <Subject row={item} /> {textOf(item, "detail")}
      </p>
      {clocks.itemOver && (
        <p role="alert" className="fault">
          {t("meetingItemOver")}
        </p>
      )}
      <Input.TextArea
        aria-label={t("meetingCause")}
        placeholder={t("meetingCause")}
        autoSize={{ minRows: 2 }}
        value={cause}
        onChange={(event) => setCause(event.target.value)}
      />
      <Input.TextArea
        aria-label={t("meetingNeeds")}
        placeholder={t("meetingNeeds")}
        autoSize={{ minRows: 2 }}
        value={needs}
        onChange={(event) => setNeeds(event.target.value)}
      />
      <div className="meeting-foot">
        <Button onClick={next}>{t("meetingSkip")}</Button>
        <Button type="primary" loading={move.isPending} disabled={cause.trim() === ""} onClick={settle}>
          {t("meetingSettle")}
        </Button>
      </div>
    </section>
  );
}

function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
