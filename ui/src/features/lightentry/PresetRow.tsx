import { Select } from "antd";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FoldingRow } from "../../designers/FoldingRow";
import { At } from "../../designers/faults/FaultPlaces";
import { useMatching } from "../../designers/formula/queries";
import { LabelFields } from "../../designers/LabelFields";
import { Labelled } from "../../designers/rules/Labelled";
import { Condition } from "./Condition";
import { COLOURS, type Preset } from "./draft";
import { Filled } from "./Filled";
import { Moves } from "./Moves";

/** One button: its name and colour, for which records it is offered, what it writes and what it moves on. */
export function PresetRow(props: {
  object: ObjectDef;
  subject: ObjectDef;
  about: string;
  preset: Preset;
  only: boolean;
  startsOpen: boolean;
  onChange: (part: Partial<Preset>) => void;
  onRemove: () => void;
}) {
  const { object, subject, about, preset, only, startsOpen, onChange, onRemove } = props;
  const { t, say } = useWords();
  const count = useMatching(subject.key, preset.when).data;
  const name = say(preset.label) || t("entry.unnamed");
  return (
    <FoldingRow
      name={name}
      startsOpen={startsOpen}
      removeLabel={t("entry.removePreset", { name })}
      canRemove={!only}
      onRemove={onRemove}
      head={
        <>
          <span className="preset" data-colour={preset.color}>
            {name}
          </span>
          <span className="lead">
            {count === undefined ? "" : t("entry.fits", { name: say(subject.label), count })}
          </span>
        </>
      }
    >
      <At place="label">
        <LabelFields label={preset.label} onChange={(label) => onChange({ label })} />
      </At>
      <Labelled label={t("entry.colour")}>
        <Select
          aria-label={t("entry.colour")}
          style={{ width: 160 }}
          value={preset.color}
          options={COLOURS.map((value) => ({ value, label: t(`colour.${value}`) }))}
          onChange={(color) => onChange({ color })}
        />
      </Labelled>
      <Labelled label={t("entry.when", { name: say(subject.label) })} at="when">
        <Condition
          label={t("entry.when", { name: say(subject.label) })}
          subject={subject}
          value={preset.when}
          onChange={(when) => onChange({ when })}
        />
      </Labelled>
      <Labelled label={t("entry.moves", { name: say(subject.label) })}>
        <Moves subject={subject} moves={preset.moves} onChange={(moves) => onChange({ moves })} />
      </Labelled>
      <Labelled label={t("entry.values", { name: say(object.label) })}>
        <Filled
          at="values"
          label={t("entry.values", { name: say(object.label) })}
          object={object}
          subject={subject}
          except={about}
          values={preset.values}
          onChange={(values) => onChange({ values })}
        />
      </Labelled>
    </FoldingRow>
  );
}
