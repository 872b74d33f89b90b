import { Link } from "@tanstack/react-router";
import { App, Button, Popover } from "antd";
import { Check, Clock, MoreHorizontal } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useModel, useRecord } from "../../api/queries";
import type { FieldValue, RecordRow } from "../../api/types";
import { useWords, withWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { isReference } from "../../meta/Value";
import { useFocusHandedOn } from "./focus";
import { distance, dueOf, formOf, textOf, urgencyOf, useMoveTask } from "./tasks";

// The inputs of all kinds of fields are large: they come when something is filled in.
const FieldsDialog = lazy(
  withWords(() => import("../../meta/FieldsDialog").then((found) => ({ default: found.FieldsDialog }))),
);
const ReasonDialog = lazy(
  withWords(() => import("../../design/ReasonDialog").then((found) => ({ default: found.ReasonDialog }))),
);
const FileLine = lazy(() => import("../records/FileField").then((found) => ({ default: found.FileLine })));
const HandOver = lazy(withWords(() => import("./HandOver").then((found) => ({ default: found.HandOver }))));
const PackByKey = lazy(withWords(() => import("../content/PackByKey").then((found) => ({ default: found.PackByKey }))));

const HOUR = 3_600_000;

/** A task where it stands: what, about whom, by when; done, put off, skipped or handed on without leaving the page. */
export function TaskRow(props: { task: RecordRow; now: Date; mine?: boolean; named?: boolean; choice?: ReactNode }) {
  const { task, now, mine = true, named = false, choice } = props;
  const { t } = useWords();
  const { message } = App.useApp();
  const move = useMoveTask();
  const row = useFocusHandedOn();
  const [filling, setFilling] = useState(false);
  const [skipping, setSkipping] = useState(false);
  const [handing, setHanding] = useState(false);
  const [reading, setReading] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const form = formOf(task);
  const failed = (error: Error) => void message.error(error.message, 6);
  const done = () =>
    form.length > 0 ? setFilling(true) : move.mutate({ id: task.id, move: "done", body: {} }, { onError: failed });
  const snooze = (ms: number) =>
    move.mutate(
      { id: task.id, move: "snooze", body: { until: new Date(now.getTime() + ms).toISOString() } },
      { onError: failed },
    );
  const items = [
    { key: "1h", label: t("snoozeHour"), onClick: () => snooze(HOUR) },
    { key: "1d", label: t("snoozeDay"), onClick: () => snooze(24 * HOUR) },
    { key: "skip", label: t("skip"), onClick: () => setSkipping(true) },
    { key: "delegate", label: t("handOver"), onClick: () => setHanding(true) },
  ];
  return (
    <li ref={row} className="work-row">
      {choice}
      <div className="work-what">
        <b>{textOf(task, "title")}</b>
        <Due task={task} now={now} />
        <p>
          {named && <Owner row={task} />}
          <Subject row={task} />
          {textOf(task, "detail") && <span>{textOf(task, "detail")}</span>}
          {textOf(task, "content") && (
            <button type="button" className="text-button" onClick={() => setReading(true)}>
              {t("packOfTask")}
            </button>
          )}
        </p>
        {Array.isArray(task.files) && task.files.length > 0 && (
          <Suspense fallback={null}>
            <ul className="files">
              {task.files.map((each) => (
                <FileLine key={String(each)} file={String(each)} />
              ))}
            </ul>
          </Suspense>
        )}
      </div>
      {mine && (
        <Button icon={<Check size={14} aria-hidden />} loading={move.isPending} onClick={done}>
          {form.length > 0 ? t("fillIn") : t("done")}
        </Button>
      )}
      {mine && (
        <Popover
          trigger="click"
          placement="bottomRight"
          open={choosing}
          onOpenChange={setChoosing}
          content={
            <div className="menu" role="menu">
              {items.map((each) => (
                <button
                  key={each.key}
                  type="button"
                  role="menuitem"
                  onClick={() => {
                    setChoosing(false);
                    each.onClick();
                  }}
                >
                  {each.label}
                </button>
              ))}
            </div>
          }
        >
          <Button type="text" icon={<MoreHorizontal size={15} aria-hidden />} aria-label={t("moreActions")} />
        </Popover>
      )}
      <Suspense fallback={null}>
        {filling && <Fill task={task} form={form} onClose={() => setFilling(false)} />}
        {skipping && (
          <ReasonDialog
            title={t("skip")}
            lead={t("skipLead")}
            onReason={(reason) => move.mutateAsync({ id: task.id, move: "skip", body: { reason } })}
            onClose={() => setSkipping(false)}
          />
        )}
        {handing && <HandOver task={task} onClose={() => setHanding(false)} />}
        {reading && (
          <PackByKey packKey={textOf(task, "content")} {...aboutOf(task)} onClose={() => setReading(false)} />
        )}
      </Suspense>
    </li>
  );
}

/** In whose hands it is. */
export function Owner({ row }: { row: RecordRow }) {
  return isReference(row.owner) && row.owner.label ? <span>{row.owner.label}</span> : null;
}

/** What the row is about, as a way there. */
export function Subject({ row }: { row: RecordRow }) {
  const object = textOf(row, "subject_object");
  const id = textOf(row, "subject_id");
  const name = textOf(row, "subject");
  if (object === "" || id === "") return null;
  return <Link {...wayToRecord(object, id)}>{name || id.slice(0, 8)}</Link>;
}

/** For which record a pack is opened. */
function aboutOf(task: RecordRow): { about?: { object: string; id: string } } {
  const [object, id] = [textOf(task, "subject_object"), textOf(task, "subject_id")];
  return object && id ? { about: { object, id } } : {};
}

function Due({ task, now }: { task: RecordRow; now: Date }) {
  const { t } = useWords();
  const due = dueOf(task);
  if (due === null) return null;
  const { amount, unit, past } = distance(due, now);
  const urgency = urgencyOf(task, now);
  return (
    <span
      className="chip"
      data-colour={urgency === "now" ? "red" : urgency === "soon" ? "amber" : undefined}
      title={due.toLocaleString()}
    >
      <Clock size={12} aria-hidden />
      {t(past ? "overdueBy" : "dueIn", { time: t(`unit.${unit}`, { count: amount }) })}
    </span>
  );
}

/** The fields of the record that the task asks for. */
function Fill({ task, form, onClose }: { task: RecordRow; form: string[]; onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const move = useMoveTask();
  const send = (values: Record<string, FieldValue>) =>
    move.mutate(
      { id: task.id, move: "done", body: { values } },
      {
        onSuccess: () => {
          void message.success(t("taskDone"));
          onClose();
        },
      },
    );
  return (
    <FieldsDialog
      title={textOf(task, "title")}
      okText={t("done")}
      object={useModel().data?.objects.find((each) => each.key === task.subject_object)}
      fields={form}
      row={useRecord(textOf(task, "subject_object"), textOf(task, "subject_id") || undefined).data}
      error={move.error}
      busy={move.isPending}
      onDone={send}
      onClose={onClose}
    />
  );
}
