import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { ListTodo, Pencil, Radio } from "lucide-react";
import { useHistory, useModel, useRecordAction } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Value } from "../../meta/Value";
import { inputsOf } from "./columns";
import { useRelatedTitles } from "./related-titles";
import { inOrder, useWorkAbout } from "./timeline";

/** What happened to a record and around it, newest first: changes with an undo for each, tasks, signals. */
export function History({ object, id }: { object: ObjectDef; id: string }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const model = useModel().data;
  const history = useHistory(object.key, id);
  const act = useRecordAction(object.key);
  const has = (key: string) => model?.objects.some((each) => each.key === key) === true;
  const tasks = useWorkAbout("task", object.key, id, has("task"));
  const signals = useWorkAbout("signal", object.key, id, has("signal"));
  const entries = history.data?.items ?? [];
  const fields = inputsOf(object);
  const withTitles = useRelatedTitles(fields, entries);
  const locale = language === "en" ? "en" : "zh-CN";
  const undo = (seq: number) =>
    act.mutate(
      { id, action: "undo", body: { seq } },
      { onSuccess: () => void message.success(t("undone")), onError: (error) => void message.error(error.message) },
    );
  return (
    <ol className="history">
      {inOrder(entries, tasks.data?.items ?? [], signals.data?.items ?? []).map((each) => (
        <li key={each.key} data-kind={each.kind}>
          {each.kind === "change" ? (
            <>
              <Pencil size={13} aria-hidden />
              <div>
                <b>{each.entry.actor?.label ?? t("system")}</b> {t(`action.${each.entry.action}`)}{" "}
                <When at={each.at} locale={locale} />{" "}
                {each.entry.action === "update" && (
                  <Button type="link" size="small" onClick={() => undo(each.entry.seq)}>
                    {t("undo")}
                  </Button>
                )}
                <Changes fields={fields} entry={each.entry} withTitles={withTitles} />
              </div>
            </>
          ) : (
            <Work kind={each.kind} row={each.row} at={each.at} locale={locale} />
          )}
        </li>
      ))}
    </ol>
  );
}

function When({ at, locale }: { at: string; locale: string }) {
  return (
    <time className="when" dateTime={at}>
      {new Date(at).toLocaleString(locale)}
    </time>
  );
}

/** A task or signal about the record, with where it stands now. */
function Work({ kind, row, at, locale }: { kind: "task" | "signal"; row: RecordRow; at: string; locale: string }) {
  const { t, language } = useWords();
  const definition = useModel().data?.objects.find((each) => each.key === kind);
  const state = definition?.fields.find((field) => field.key === "state");
  const Sign = kind === "task" ? ListTodo : Radio;
  return (
    <>
      <Sign size={13} aria-hidden />
      <div>
        <b>{t(kind === "task" ? "aTask" : "aSignal")}</b>{" "}
        <Link to="/records/$object" params={{ object: kind }} search={{ record: row.id }}>
          {String(row.title ?? "—")}
        </Link>{" "}
        {state && <Value field={state} value={row.state} language={language} />} <When at={at} locale={locale} />
      </div>
    </>
  );
}

function Changes(props: {
  fields: FieldDef[];
  entry: HistoryEntry;
  withTitles: (field: FieldDef, value: FieldValue | undefined) => FieldValue | undefined;
}) {
  const { fields, entry, withTitles } = props;
  const { say } = useWords();
  const rows = fields.flatMap((field) => {
    const before = withTitles(field, entry.before?.[field.key]);
    const after = withTitles(field, entry.after?.[field.key]);
    return blank(before) && blank(after) ? [] : [{ field, before, after }];
  });
  return (
    <table>
      <tbody>
        {rows.map(({ field, before, after }) => (
          <tr key={field.key}>
            <td style={{ color: "var(--text-2)" }}>{say(field.label)}</td>
            <td>
              {!blank(before) && (
                <>
                  <del>
                    <Shown field={field} value={before} />
                  </del>{" "}
                  →{" "}
                </>
              )}
              <Shown field={field} value={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const blank = (value: FieldValue | undefined) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

function Shown({ field, value }: { field: FieldDef; value: FieldValue | undefined }) {
  const { t, language } = useWords();
  return blank(value) ? (
    <span className="blank">{t("blank")}</span>
  ) : (
    <Value field={field} value={value} language={language} />
  );
}
