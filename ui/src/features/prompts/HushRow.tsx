import { InputNumber, Segmented, Select } from "antd";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FoldingRow } from "../../designers/FoldingRow";
import { At } from "../../designers/faults/FaultPlaces";
import { LabelFields } from "../../designers/LabelFields";
import { Labelled } from "../../designers/rules/Labelled";
import { Condition } from "../lightentry/Condition";
import { type Hush, type HushKind, kindOf, type Leading, LONGEST_DAYS, leadingTo, turned } from "./draft";
import { EventPicker, useEvents } from "./EventPicker";

/** What holds questions back: an event, for some days, or a record about it that is open. */
export function HushRow(props: {
  object: ObjectDef;
  objects: readonly ObjectDef[];
  hush: Hush;
  startsOpen: boolean;
  onChange: (hush: Hush) => void;
  onRemove: () => void;
}) {
  const { object, objects, hush, startsOpen, onChange, onRemove } = props;
  const { t, say } = useWords();
  const called = useEvents();
  const leading = leadingTo(objects, object.key);
  const name = say(hush.label) || t("entry.unnamed");
  return (
    <FoldingRow
      name={name}
      startsOpen={startsOpen}
      removeLabel={t("prompt.remove", { name })}
      onRemove={onRemove}
      head={
        <>
          <b>{name}</b>
          <span className="lead">
            {kindOf(hush) === "record"
              ? t("prompt.hushSay.record", { name: say(leading.find(isOf(hush))?.object.label) })
              : hush.event && t("prompt.hushSay.event", { name: called(hush.event), count: hush.days ?? 0 })}
          </span>
        </>
      }
    >
      <At place="label">
        <LabelFields label={hush.label} onChange={(label) => onChange({ ...hush, label })} />
      </At>
      <Segmented<HushKind>
        aria-label={t("prompt.hushBy")}
        value={kindOf(hush)}
        onChange={(kind) => onChange(turned(hush, kind, leading))}
        options={[
          { value: "event", label: t("prompt.hushBy.event") },
          { value: "record", label: t("prompt.hushBy.record"), disabled: leading.length === 0 },
        ]}
      />
      {kindOf(hush) === "event" ? (
        <ByEvent hush={hush} onChange={onChange} />
      ) : (
        <ByRecord hush={hush} leading={leading} onChange={onChange} />
      )}
    </FoldingRow>
  );
}

const isOf =
  (hush: Hush) =>
  ({ object }: Leading) =>
    object.key === hush.object;

function ByEvent({ hush, onChange }: { hush: Hush; onChange: (hush: Hush) => void }) {
  const { t } = useWords();
  return (
    <>
      <Labelled label={t("prompt.hushEvent")} at="event">
        <EventPicker
          label={t("prompt.hushEvent")}
          placeholder={t("prompt.hushEvent")}
          most={1}
          value={hush.event ? [hush.event] : []}
          onChange={(events) => onChange({ ...hush, event: events[0] ?? "" })}
        />
      </Labelled>
      <Labelled label={t("prompt.hushDays")} at="days">
        <InputNumber
          aria-label={t("prompt.hushDays")}
          min={1}
          max={LONGEST_DAYS}
          suffix={t("unit.days")}
          value={hush.days}
          onChange={(days) => onChange({ ...hush, days: days ?? 1 })}
        />
      </Labelled>
    </>
  );
}

function ByRecord(props: { hush: Hush; leading: readonly Leading[]; onChange: (hush: Hush) => void }) {
  const { hush, leading, onChange } = props;
  const { t, say } = useWords();
  const chosen = leading.find(isOf(hush));
  const choose = (key: string) => {
    const next = leading.find(({ object }) => object.key === key);
    onChange({ ...hush, object: key, by: next?.fields[0]?.key ?? "", when: null });
  };
  return (
    <>
      <Labelled label={t("prompt.hushObject")} at="object">
        <Select
          aria-label={t("prompt.hushObject")}
          style={{ width: "100%" }}
          showSearch={{ optionFilterProp: "label" }}
          value={hush.object}
          options={leading.map(({ object }) => ({ value: object.key, label: say(object.label) }))}
          onChange={choose}
        />
      </Labelled>
      {chosen && chosen.fields.length > 1 && (
        <Labelled label={t("prompt.hushField")} at="by">
          <Select
            aria-label={t("prompt.hushField")}
            style={{ width: "100%" }}
            value={hush.by}
            options={chosen.fields.map((each) => ({ value: each.key, label: say(each.label) }))}
            onChange={(by) => onChange({ ...hush, by })}
          />
        </Labelled>
      )}
      {chosen && (
        <Labelled label={t("prompt.hushWhen", { name: say(chosen.object.label) })} at="when">
          <Condition
            key={chosen.object.key}
            label={t("prompt.hushWhen", { name: say(chosen.object.label) })}
            subject={chosen.object}
            value={hush.when}
            onChange={(when) => onChange({ ...hush, when })}
          />
        </Labelled>
      )}
    </>
  );
}
