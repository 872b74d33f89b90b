import { InputNumber, Select } from "antd";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FoldingRow } from "../../designers/FoldingRow";
import { At } from "../../designers/faults/FaultPlaces";
import { useMatching } from "../../designers/formula/queries";
import { LabelFields } from "../../designers/LabelFields";
import { Labelled } from "../../designers/rules/Labelled";
import { Condition } from "../lightentry/Condition";
import { askable, askedWhen, LONGEST_DAYS, MOST_FIELDS, type Prompt } from "./draft";
import { EventPicker, useEvents } from "./EventPicker";

const MOST_EVENTS = 20;

/** One thing to ask: which fields, of which records, and after what it comes first. */
export function PromptRow(props: {
  object: ObjectDef;
  prompt: Prompt;
  only: boolean;
  startsOpen: boolean;
  onChange: (part: Partial<Prompt>) => void;
  onRemove: () => void;
}) {
  const { object, prompt, only, startsOpen, onChange, onRemove } = props;
  const { t, say, listed } = useWords();
  const called = useEvents();
  const wanted = askedWhen(prompt);
  const count = useMatching(wanted ? object.key : "", wanted).data;
  const name = say(prompt.label) || t("entry.unnamed");
  const unit = say(object.label);
  return (
    <FoldingRow
      name={name}
      startsOpen={startsOpen}
      removeLabel={t("prompt.remove", { name })}
      canRemove={!only}
      onRemove={onRemove}
      head={
        <>
          <b>{name}</b>
          <span className="lead">
            {prompt.after.length > 0 && t("prompt.afterSay", { events: listed(prompt.after.map(called)) })}
            {prompt.after.length > 0 && count !== undefined && " · "}
            {count !== undefined && t("prompt.fits", { name: unit, count })}
          </span>
        </>
      }
    >
      <At place="label">
        <LabelFields label={prompt.label} onChange={(label) => onChange({ label })} />
      </At>
      <Labelled label={t("prompt.fields")} at="fields">
        <Select
          aria-label={t("prompt.fields")}
          mode="multiple"
          maxCount={MOST_FIELDS}
          style={{ width: "100%" }}
          optionFilterProp="label"
          value={prompt.fields}
          options={askable(object).map((each) => ({ value: each.key, label: say(each.label) }))}
          onChange={(fields) => onChange({ fields })}
        />
      </Labelled>
      <Labelled label={t("prompt.when", { name: unit })} at="when">
        <Condition
          label={t("prompt.when", { name: unit })}
          subject={object}
          without={t("prompt.whenBlank")}
          value={prompt.when}
          onChange={(when) => onChange({ when })}
        />
      </Labelled>
      <Labelled label={t("prompt.after")} at="after">
        <EventPicker
          label={t("prompt.after")}
          placeholder={t("prompt.afterNone")}
          most={MOST_EVENTS}
          value={prompt.after}
          onChange={(after) => onChange({ after })}
        />
      </Labelled>
      {prompt.after.length > 0 && (
        <Labelled label={t("prompt.days")} at="days">
          <InputNumber
            aria-label={t("prompt.days")}
            min={1}
            max={LONGEST_DAYS}
            suffix={t("unit.days")}
            value={prompt.days}
            onChange={(days) => onChange({ days: days ?? 1 })}
          />
        </Labelled>
      )}
    </FoldingRow>
  );
}
