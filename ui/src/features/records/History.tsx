import { App, Button } from "antd";
import { useHistory, useRecordAction } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Value } from "../../meta/Value";
import { inputsOf } from "./columns";
import { useRelatedTitles } from "./related-titles";

/** Who changed what and when, newest first, with an undo for each change. */
export function History({ object, id }: { object: ObjectDef; id: string }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const history = useHistory(object.key, id);
  const act = useRecordAction(object.key);
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
    <ol className="history" style={{ paddingLeft: 0 }}>
      {entries.map((entry) => (
        <li key={entry.seq}>
          <b>{entry.actor?.label ?? t("system")}</b> {t(`action.${entry.action}`)}{" "}
          <span className="when">{new Date(entry.at).toLocaleString(locale)}</span>{" "}
          {entry.action === "update" && (
            <Button type="link" size="small" onClick={() => undo(entry.seq)}>
              {t("undo")}
            </Button>
          )}
          <Changes fields={fields} entry={entry} withTitles={withTitles} />
        </li>
      ))}
    </ol>
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
