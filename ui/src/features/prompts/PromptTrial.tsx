import { Check, Minus } from "lucide-react";
import { useState } from "react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { useHolds } from "../../designers/formula/queries";
import { RecordPicker } from "../../designers/RecordPicker";
import { askedWhen, type Prompt, type Prompts } from "./draft";

/** With a record chosen: which of the questions it would get by its own fields. */
export function PromptTrial({ prompts, object, whole }: { prompts: Prompts; object: ObjectDef; whole: boolean }) {
  const { t, say } = useWords();
  const [record, setRecord] = useState<string>();
  return (
    <aside className="designer-aside">
      <h2>{t("prompt.asSeen")}</h2>
      <RecordPicker
        object={object.key}
        label={t("formula.tryOn", { name: say(object.label) })}
        value={record}
        onChange={setRecord}
      />
      <ul className="tried-prompts">
        {prompts.items.map((each) => (
          <Tried key={each.key} prompt={each} object={object} record={record} />
        ))}
      </ul>
      <p className="lead">{t("prompt.triedLead")}</p>
      {!whole && <p className="lead">{t("prompt.lacks")}</p>}
    </aside>
  );
}

function Tried({ prompt, object, record }: { prompt: Prompt; object: ObjectDef; record: string | undefined }) {
  const { t, say, listed } = useWords();
  const holds = useHolds(object.key, askedWhen(prompt), record);
  const named = (key: string) => say(object.fields.find((each) => each.key === key)?.label) || key;
  return (
    <li data-off={holds === false}>
      {holds === true && <Check size={15} className="holds" aria-label={t("prompt.asked")} />}
      {holds === false && <Minus size={15} aria-label={t("prompt.notAsked")} />}
      <div>
        <b>{say(prompt.label) || t("entry.unnamed")}</b>
        <p className="blank">{listed(prompt.fields.map(named))}</p>
      </div>
    </li>
  );
}
