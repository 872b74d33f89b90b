import { Button } from "antd";
import type { Problem } from "../../api/client";
import type { FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Value } from "../../meta/Value";
import { inputsOf } from "./columns";

/** Both versions of a record that two people changed, field by field; nothing typed is lost. */
export function Conflict(props: {
  object: ObjectDef;
  problem: Problem;
  typed: Record<string, FieldValue>;
  onMine: (version: number) => void;
  onTheirs: () => void;
}) {
  const { object, problem, typed, onMine, onTheirs } = props;
  const { t, say, language } = useWords();
  const theirs = (problem.document.theirs as { record: RecordRow } | undefined)?.record;
  const concerned = inputsOf(object).filter((field) => field.key in typed);
  return (
    <section role="alert" style={{ border: "1px solid var(--amber)", borderRadius: 6, padding: 12, marginBottom: 12 }}>
      <b>{t("conflict")}</b>
      <p>{t("conflictLead")}</p>
      <table style={{ width: "100%" }}>
        <thead>
          <tr>
            <th align="left">{t("field")}</th>
            <th align="left">{t("mine")}</th>
            <th align="left">{t("theirs")}</th>
          </tr>
        </thead>
        <tbody>
          {concerned.map((field) => (
            <tr key={field.key}>
              <td>{say(field.label)}</td>
              <td>
                <Value field={field} value={typed[field.key]} language={language} />
              </td>
              <td>
                <Value field={field} value={theirs?.[field.key]} language={language} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {theirs && <Button onClick={() => onMine(theirs.version)}>{t("keepMine")}</Button>}{" "}
      <Button onClick={onTheirs}>{t("takeTheirs")}</Button>
    </section>
  );
}
