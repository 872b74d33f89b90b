import { useState } from "react";
import { Problem } from "../../api/client";
import { useModel } from "../../api/queries";
import type { FieldDef, FieldValue } from "../../api/types";
import { useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { labelOf } from "../definitions";
import { RecordPicker } from "../RecordPicker";
import { useTrial } from "./queries";

/** What the formula gives for a real record, worked out by the server under one's own rights. */
export function TryOnRecord({ object, text }: { object: string; text: string }) {
  const { t, say, language } = useWords();
  const model = useModel().data;
  const [record, setRecord] = useState<string>();
  const trial = useTrial(object, text, record);
  const answer = trial.data;
  const fault = answer && !answer.ok ? answer.faults?.[0]?.message : undefined;
  const failed = trial.error instanceof Problem ? trial.error.message : fault;
  const field = { key: "", type: kindType(answer?.type), label: { zh: "", en: "" }, options: {}, required: false };
  const shown = answer?.ok ? told(field, answer.value as FieldValue, language, t("blank")) : "";
  return (
    <div className="formula-try">
      <RecordPicker
        object={object}
        label={t("formula.tryOn", { name: say(labelOf(model, object)) })}
        value={record}
        onChange={setRecord}
      />
      <output aria-live="polite">
        {record === undefined ? null : failed ? <span className="fault">{failed}</span> : <b>{shown}</b>}
      </output>
    </div>
  );
}

const kindType = (kind: string | undefined) =>
  kind === "number" || kind === "boolean" || kind === "datetime" || kind === "duration" ? kind : "text";

function told(field: FieldDef, value: FieldValue | undefined, language: "zh" | "en", blank: string): string {
  return value === null || value === undefined || value === "" ? blank : valueText(field, value, language);
}
