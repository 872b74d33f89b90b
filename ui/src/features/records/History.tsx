import { App, Button } from "antd";
import { useHistory, useRecordAction } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Value } from "../../meta/Value";
import { inputsOf } from "./columns";

/** Who changed what and when, newest first, with an undo for each change. */
export function History({ object, id }: { object: ObjectDef; id: string }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const history = useHistory(object.key, id);
  const act = useRecordAction(object.key);
  const locale = language === "en" ? "en" : "zh-CN";
  const undo = (seq: number) =>
    act.mutate(
      { id, action: "undo", body: { seq } },
      { onSuccess: () => void message.success(t("undone")), onError: (error) => void message.error(error.message) },
    );
  return (
    <ol className="history" style={{ paddingLeft: 0 }}>
      {history.data?.items.map((entry) => (
        <li key={entry.seq}>
          <b>{entry.actor?.label ?? t("system")}</b> {t(`action.${entry.action}`)}{" "}
          <span className="when">{new Date(entry.at).toLocaleString(locale)}</span>{" "}
          {entry.action === "update" && (
            <Button type="link" size="small" onClick={() => undo(entry.seq)}>
              {t("undo")}
            </Button>
          )}
          <Changes object={object} entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Changes({ object, entry }: { object: ObjectDef; entry: HistoryEntry }) {
  const { say } = useWords();
  const known = new Map(inputsOf(object).map((field) => [field.key, field]));
  const rows = Object.entries(entry.after ?? {}).flatMap(([key, after]) => {
    const field = known.get(key);
    const before = entry.before?.[key];
    return field && !(blank(after) && blank(before)) ? [{ field, before, after }] : [];
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
