import { App, Button } from "antd";
import { BellRing, Check, Clock } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { ReasonDialog } from "../../design/ReasonDialog";
import { offers } from "../../meta/offers";
import { isReference } from "../../meta/Value";
import { type Outcome, useWithEach } from "./many";
import { formOf, makeTask, moveSignal, moveTask, textOf } from "./tasks";

const DAY = 86_400_000;

/** What is done with the chosen rows of a group, each by itself: its history tells who did what with it. */
export function ManyBar(props: {
  kind: "task" | "signal";
  rows: RecordRow[];
  others: boolean;
  /** How many there are to choose from, fetched or not. */
  count: number;
  onAll: (chosen: boolean) => Promise<void>;
  onDone: () => void;
}) {
  const { kind, rows, others, count, onAll, onDone } = props;
  const { t } = useWords();
  const { message } = App.useApp();
  const { busy, run } = useWithEach(kind);
  const remind = useRemind();
  const [asking, setAsking] = useState(false);
  // What was asked for, until all of them have come.
  const [choosing, setChoosing] = useState<boolean>();
  const chooseAll = (isChosen: boolean) => {
    setChoosing(isChosen);
    onAll(isChosen)
      .catch((error: Error) => void message.error(error.message, 6))
      .finally(() => setChoosing(undefined));
  };
  const none = rows.length === 0;
  const told = ({ done, refused }: Outcome) => {
    if (done > 0) void message.success(t("manyDone", { count: done }));
    for (const [reason, count] of refused) void message.error(t("manyRefused", { count, reason }), 8);
    onDone();
  };
  const each = (act: (row: RecordRow) => Promise<unknown>) => run(rows, act).then(told);
  // What asks for something to be filled in is done row by row.
  const asks = kind === "task" && rows.some((row) => formOf(row).length > 0);
  return (
    <div className="many" role="toolbar" aria-label={t("bulk")}>
      <label>
        <input
          type="checkbox"
          checked={choosing ?? rows.length >= count}
          disabled={choosing !== undefined}
          onChange={(event) => chooseAll(event.target.checked)}
        />
        {none ? t("dayChooseAll", { count }) : t("chosen", { count: rows.length })}
      </label>
      {others && remind && (
        <Button
          icon={<BellRing size={14} aria-hidden />}
          disabled={none}
          loading={busy}
          onClick={() => void each(remind)}
        >
          {t("remind")}
        </Button>
      )}
      {kind === "signal" && (
        <Button
          icon={<Check size={14} aria-hidden />}
          disabled={none}
          loading={busy}
          onClick={() => void each((row) => moveSignal({ id: row.id, move: "act" }))}
        >
          {t("signalAct")}
        </Button>
      )}
      {kind === "task" && !others && (
        <>
          <Button
            icon={<Check size={14} aria-hidden />}
            disabled={none || asks}
            title={asks ? t("manyAsks") : undefined}
            loading={busy}
            onClick={() => void each((row) => moveTask({ id: row.id, move: "done", body: {} }))}
          >
            {t("done")}
          </Button>
          <Button
            icon={<Clock size={14} aria-hidden />}
            disabled={none}
            loading={busy}
            onClick={() => {
              const until = new Date(Date.now() + DAY).toISOString();
              void each((row) => moveTask({ id: row.id, move: "snooze", body: { until } }));
            }}
          >
            {t("snoozeDay")}
          </Button>
        </>
      )}
      {(kind === "signal" || !others) && (
        <Button type="text" disabled={none} onClick={() => setAsking(true)}>
          {t(kind === "signal" ? "dismiss" : "skip")}
        </Button>
      )}
      {asking && (
        <ReasonDialog
          title={t(kind === "signal" ? "dismiss" : "skip")}
          lead={t("manyReason", { count: rows.length })}
          onReason={(reason) =>
            each((row) =>
              kind === "signal"
                ? moveSignal({ id: row.id, move: "dismiss", body: { reason } })
                : moveTask({ id: row.id, move: "skip", body: { reason } }),
            )
          }
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

/** Puts it before its owner as a task due by the next working day; nothing where one may give others no tasks. */
function useRemind(): ((row: RecordRow) => Promise<unknown>) | undefined {
  const { t } = useWords();
  const tasks = useModel().data?.objects.find((each) => each.key === "task");
  if (tasks === undefined || !offers(tasks, "create")) return undefined;
  return (row) => {
    const [object, id] = [textOf(row, "subject_object"), textOf(row, "subject_id")];
    const to = isReference(row.owner) ? row.owner.id : null;
    const wanted = {
      title: t("remindOf", { title: textOf(row, "title") }).slice(0, 255),
      due: { amount: 1, unit: "working_days" as const },
      files: [],
      to,
      ...(object && id ? { about: { object, id } } : {}),
    };
    // Pressed twice on one day it is one reminder.
    return makeTask(wanted, `remind:${row.id}:${new Date().toDateString()}`);
  };
}
