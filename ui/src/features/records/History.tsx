import { Link } from "@tanstack/react-router";
import { App, Button, Segmented } from "antd";
import { ListTodo, Pencil, Radio } from "lucide-react";
import { useState } from "react";
import { useHistory, useModel, useRecordAction } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { Value } from "../../meta/Value";
import { usePanels } from "../boards/queries";
import { inputsOf } from "./columns";
import { Origins } from "./Origins";
import { useRelatedTitles } from "./related-titles";
import { Talk } from "./Talk";
import { blank, inOrder, inReadersLanguage, isPartOf, PARTS, type Part, talkOf, useWorkAbout } from "./timeline";

/** What happened to a record and around it, newest first: talk with the customer, tasks, signals, changes with an undo
 * for each. `first` is the part that shows first. */
export function History({ object, id, first = "all" }: { object: ObjectDef; id: string; first?: Part }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const model = useModel().data;
  const history = useHistory(object.key, id);
  const act = useRecordAction(object.key);
  const has = (key: string) => model?.objects.some((each) => each.key === key) === true;
  const tasks = useWorkAbout("task", object.key, id, has("task"));
  const signals = useWorkAbout("signal", object.key, id, has("signal"));
  const panels = usePanels(object.key, id, "timeline");
  const [part, setPart] = useState<Part>(first);
  const entries = history.data?.items ?? [];
  const fields = inputsOf(object);
  const withTitles = useRelatedTitles(fields, entries);
  const undo = (seq: number) =>
    act.mutate(
      { id, action: "undo", body: { seq } },
      { onSuccess: () => void message.success(t("undone")), onError: (error) => void message.error(error.message) },
    );
  const files = fields.filter((field) => field.type === "file");
  const all = inOrder(entries, tasks.data?.items ?? [], signals.data?.items ?? [], talkOf(panels.data ?? []));
  const offered = PARTS.filter((each) => all.some((one) => isPartOf(one, each, files)));
  // What is still on its way may yet hold the part that was asked for.
  const shown = offered.includes(part) || panels.isPending ? part : "all";
  return (
    <>
      {offered.length > 2 && (
        <Segmented
          aria-label={t("timelinePart")}
          size="small"
          value={shown}
          onChange={setPart}
          options={offered.map((each) => ({ value: each, label: t(`timeline.${each}`) }))}
        />
      )}
      {!object.builtin && <Origins object={object} id={id} />}
      <ol className="history">
        {all
          .filter((each) => isPartOf(each, shown, files))
          .map((each) => (
            <li key={each.key} data-kind={each.kind}>
              {each.kind === "change" ? (
                <>
                  <Pencil size={13} aria-hidden />
                  <div>
                    <b>{each.entry.actor?.label ?? t("system")}</b> {t(`action.${each.entry.action}`)}{" "}
                    <When at={each.at} />{" "}
                    {each.entry.action === "update" && (
                      <Button type="link" size="small" onClick={() => undo(each.entry.seq)}>
                        {t("undo")}
                      </Button>
                    )}
                    <Changes
                      fields={object.builtin ? inReadersLanguage(fields, each.entry, language) : fields}
                      entry={each.entry}
                      withTitles={withTitles}
                    />
                  </div>
                </>
              ) : each.kind === "talk" ? (
                <Talk widget={each.widget} row={each.row}>
                  <When at={each.at} />
                </Talk>
              ) : (
                <Work kind={each.kind} row={each.row} at={each.at} />
              )}
            </li>
          ))}
      </ol>
    </>
  );
}

function When({ at }: { at: string }) {
  return (
    <span className="when">
      <Moment at={at} />
    </span>
  );
}

/** A task or signal about the record, with where it stands now. */
function Work({ kind, row, at }: { kind: "task" | "signal"; row: RecordRow; at: string }) {
  const { t, language } = useWords();
  const definition = useModel().data?.objects.find((each) => each.key === kind);
  const state = definition?.fields.find((field) => field.key === "state");
  const Sign = kind === "task" ? ListTodo : Radio;
  return (
    <>
      <Sign size={13} aria-hidden />
      <div>
        <b>{t(kind === "task" ? "aTask" : "aSignal")}</b>{" "}
        <Link {...wayToRecord(kind, row.id)}>{String(row.title ?? "—")}</Link>{" "}
        {state && <Value field={state} value={row.state} language={language} />} <When at={at} />
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

function Shown({ field, value }: { field: FieldDef; value: FieldValue | undefined }) {
  const { t, language } = useWords();
  return blank(value) ? (
    <span className="blank">{t("blank")}</span>
  ) : (
    <Value field={field} value={value} language={language} />
  );
}
