import { Input } from "antd";
import { useState } from "react";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { useHolds, useTrial } from "../../designers/formula/queries";
import { RecordPicker } from "../../designers/RecordPicker";
import { optionsOf } from "../../meta/options";
import type { Entry, EntryMove, Preset } from "./draft";

/** The buttons as a phone shows them; with a record chosen, those that it would get and what each would move. */
export function Tried({ entry, subject, named }: { entry: Entry; subject: ObjectDef; named: boolean }) {
  const { t, say } = useWords();
  const [record, setRecord] = useState<string>();
  return (
    <aside className="designer-aside">
      <h2>{t("entry.asSeen")}</h2>
      <RecordPicker
        object={subject.key}
        label={t("formula.tryOn", { name: say(subject.label) })}
        value={record}
        onChange={setRecord}
      />
      <section className="light-entry" aria-label={t("entry.asSeen")}>
        <h3>{say(entry.label)}</h3>
        {entry.asks.length > 0 && <Input disabled aria-label={t("lightEntryNote")} placeholder={t("lightEntryNote")} />}
        <ul className="tried-presets">
          {entry.presets.map((each) => (
            <TriedPreset key={each.key} preset={each} subject={subject} record={record} />
          ))}
        </ul>
      </section>
      {!named && <p className="lead">{t("entry.lacksNames")}</p>}
    </aside>
  );
}

function TriedPreset({ preset, subject, record }: { preset: Preset; subject: ObjectDef; record: string | undefined }) {
  const { t, say } = useWords();
  const holds = useHolds(subject.key, preset.when, record);
  return (
    <li>
      <span className="preset" data-colour={preset.color} data-off={holds === false}>
        {say(preset.label) || t("entry.unnamed")}
      </span>
      {holds === false && <span className="lead">{t("entry.notOffered")}</span>}
      {holds !== false &&
        preset.moves.map((each) => <TriedMove key={each.field} move={each} subject={subject} record={record} />)}
    </li>
  );
}

function TriedMove({ move, subject, record }: { move: EntryMove; subject: ObjectDef; record: string | undefined }) {
  const { t, say } = useWords();
  const holds = useHolds(subject.key, move.when, record);
  const after = useTrial(subject.key, move.value, record).data;
  const field = subject.fields.find((each) => each.key === move.field);
  const name = say(field?.label) || move.field;
  if (record === undefined) return null;
  if (holds === false) return <span className="lead">{t("entry.stays", { name })}</span>;
  const value = after?.ok ? String(after.value ?? "") : "";
  const shown = say(field && optionsOf(field).find((each) => each.key === value)?.label) || value;
  return <span className="lead">{shown && `${name} → ${shown}`}</span>;
}
