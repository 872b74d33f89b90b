import { Button, Input, InputNumber, Select } from "antd";
import { Trash2 } from "lucide-react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { namedFields } from "../../designers/definitions";
import { LabelFields } from "../../designers/LabelFields";
import { ActionsField } from "./ActionsField";
import type { Association, Figure, Listed, Picture, Steps, Widget } from "./boards";
import { fieldChoices, groupChoices, measureChoices, sortChoices, useSegments, withGiven } from "./choices";
import { isPicture, named } from "./drafts";
import { Line, Lines } from "./Line";
import { StepsForm } from "./StepsForm";

type Put = (widget: Widget) => void;

/** What a widget shows, asked in words: its names, where its rows come from, and what its kind wants to know. */
export function WidgetForm(props: { widget: Widget; ofRecord: boolean; onWidget: Put; onRemove: () => void }) {
  const { widget, ofRecord, onWidget, onRemove } = props;
  const { t } = useWords();
  return (
    <div className="widget-form">
      <Lines label={t("widgetName")} at="label">
        <LabelFields label={widget.label} onChange={(label) => onWidget({ ...widget, label })} />
      </Lines>
      {"object" in widget && <Asking widget={widget} ofRecord={ofRecord} onWidget={onWidget} />}
      {widget.kind === "lights" && <LightsForm widget={widget} onWidget={onWidget} />}
      {widget.kind === "text" && (
        <Lines label={t("widgetText")} at="text">
          {(["zh", "en"] as const).map((language) => (
            <Input.TextArea
              key={language}
              aria-label={t(language === "zh" ? "labelZh" : "labelEn")}
              autoSize={{ minRows: 2 }}
              value={widget.text[language]}
              onChange={(event) => onWidget({ ...widget, text: { ...widget.text, [language]: event.target.value } })}
            />
          ))}
        </Lines>
      )}
      {(widget.kind === "number" || widget.kind === "gauge") && <FigureForm widget={widget} onWidget={onWidget} />}
      {isPicture(widget.kind) && <PictureForm widget={widget as Picture} onWidget={onWidget} />}
      {widget.kind === "steps" && <StepsForm widget={widget} onWidget={onWidget} />}
      {widget.kind === "association" && <AssociationForm widget={widget} onWidget={onWidget} />}
      {widget.kind === "list" && <ListForm widget={widget} onWidget={onWidget} />}
      <SpotFields widget={widget} onWidget={onWidget} />
      <Button type="text" danger icon={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
        {t("widgetRemove")}
      </Button>
    </div>
  );
}

function Asking(props: { widget: Figure | Picture | Steps | Association | Listed; ofRecord: boolean; onWidget: Put }) {
  const { widget, ofRecord, onWidget } = props;
  const { t, say } = useWords();
  const objects = useModel().data?.objects ?? [];
  return (
    <>
      <Line label={t("widgetObject")} at="object">
        <Select
          aria-label={t("widgetObject")}
          value={widget.object || null}
          showSearch={{ optionFilterProp: "label" }}
          onChange={(next: string | null) => onWidget({ ...widget, object: next ?? "" })}
          options={objects.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
      </Line>
      <Line label={t("filterFormula")} at="filter" {...(ofRecord ? { lead: t("placesLead") } : {})}>
        <Input.TextArea
          autoSize
          value={widget.filter ?? ""}
          onChange={(event) => onWidget({ ...widget, filter: event.target.value || null })}
        />
      </Line>
    </>
  );
}

function LightsForm({ widget, onWidget }: { widget: Extract<Widget, { kind: "lights" }>; onWidget: Put }) {
  const { t } = useWords();
  const segments = (useSegments().data ?? []).map((each) => ({ value: each.key, label: each.label }));
  return (
    <Line label={t("widgetSegment")} at="segment">
      <Select
        aria-label={t("widgetSegment")}
        value={widget.segment || null}
        showSearch={{ optionFilterProp: "label" }}
        onChange={(segment: string | null) => onWidget({ ...widget, segment: segment ?? "" })}
        options={withGiven(segments, [widget.segment])}
      />
    </Line>
  );
}

function FigureForm({ widget, onWidget }: { widget: Figure; onWidget: Put }) {
  const { t, say } = useWords();
  const fields = namedFields(useModel().data, widget.object);
  const numbers = [
    ...(widget.kind === "gauge" ? (["target"] as const) : []),
    ...(["yellow_from", "red_from"] as const),
  ];
  return (
    <>
      <Line label={t("widgetMeasure")} at="measure">
        <Select
          aria-label={t("widgetMeasure")}
          value={widget.measure}
          onChange={(measure: string) => onWidget({ ...widget, measure })}
          options={withGiven(measureChoices(fields, say, t), [widget.measure])}
        />
      </Line>
      <Lines label={t("widgetUnit")} at="unit">
        <LabelFields
          label={widget.unit ?? { zh: "", en: "" }}
          onChange={(unit) => onWidget({ ...widget, unit: unit.zh || unit.en ? unit : null })}
        />
      </Lines>
      {numbers.map((name) => (
        <Line key={name} label={t(NUMBER_WORDS[name])} at={name}>
          <InputNumber
            {...(name === "target" ? { min: 0 } : {})}
            value={widget[name] ?? null}
            onChange={(value) => onWidget({ ...widget, [name]: value })}
            style={{ width: "100%" }}
          />
        </Line>
      ))}
    </>
  );
}

const NUMBER_WORDS = { target: "widgetTarget", yellow_from: "widgetYellow", red_from: "widgetRed" } as const;

function PictureForm({ widget, onWidget }: { widget: Picture; onWidget: Put }) {
  const { t, say } = useWords();
  const fields = namedFields(useModel().data, widget.object);
  const chosen = Object.values(widget.measures);
  return (
    <>
      <Line label={t("groupBy")} at="group_by">
        <Select
          aria-label={t("groupBy")}
          mode="multiple"
          maxCount={2}
          value={widget.group_by}
          onChange={(group_by: string[]) => onWidget({ ...widget, group_by })}
          options={withGiven(groupChoices(fields, say, t), widget.group_by)}
        />
      </Line>
      <Line label={t("widgetMeasure")} at="measures">
        <Select
          aria-label={t("widgetMeasure")}
          mode="multiple"
          maxCount={6}
          value={chosen}
          onChange={(next: string[]) => onWidget({ ...widget, measures: named(next, widget.measures) })}
          options={withGiven(measureChoices(fields, say, t), chosen)}
        />
      </Line>
      <Limit widget={widget} most={200} onWidget={onWidget} />
    </>
  );
}

function AssociationForm({ widget, onWidget }: { widget: Association; onWidget: Put }) {
  const { t, say } = useWords();
  const fields = namedFields(useModel().data, widget.object).filter((each) => NUMBERS.has(each.type));
  return (["x", "y"] as const).map((axis) => (
    <Line key={axis} label={t(AXIS_WORDS[axis])} at={axis}>
      <Select
        aria-label={t(AXIS_WORDS[axis])}
        value={widget[axis] || null}
        showSearch={{ optionFilterProp: "label" }}
        onChange={(next: string | null) => onWidget({ ...widget, [axis]: next ?? "" })}
        options={withGiven(fieldChoices(fields, say), [widget[axis]])}
      />
    </Line>
  ));
}

const AXIS_WORDS = { x: "widgetAcross", y: "widgetUp" } as const;
const NUMBERS = new Set(["number", "money", "percent"]);

function ListForm({ widget, onWidget }: { widget: Listed; onWidget: Put }) {
  const { t, say } = useWords();
  const fields = namedFields(useModel().data, widget.object);
  return (
    <>
      <Line label={t("columns")} at="fields">
        <Select
          aria-label={t("columns")}
          mode="multiple"
          maxCount={12}
          value={widget.fields}
          onChange={(next: string[]) => onWidget({ ...widget, fields: next })}
          options={withGiven(fieldChoices(fields, say), widget.fields)}
        />
      </Line>
      <Line label={t("widgetSort")} at="sort">
        <Select
          aria-label={t("widgetSort")}
          allowClear
          value={widget.sort}
          showSearch={{ optionFilterProp: "label" }}
          onChange={(sort: string | null | undefined) => onWidget({ ...widget, sort: sort ?? null })}
          options={withGiven(sortChoices(fields, say, t), [widget.sort])}
        />
      </Line>
      <Limit widget={widget} most={50} onWidget={onWidget} />
      <ActionsField
        object={widget.object}
        actions={widget.actions}
        onActions={(actions) => onWidget({ ...widget, actions })}
      />
    </>
  );
}

function Limit({ widget, most, onWidget }: { widget: Picture | Listed; most: number; onWidget: Put }) {
  const { t } = useWords();
  return (
    <Line label={t("widgetLimit")} at="limit">
      <InputNumber
        min={1}
        max={most}
        value={widget.limit}
        onChange={(limit) => onWidget({ ...widget, limit: limit ?? 10 })}
        style={{ width: "100%" }}
      />
    </Line>
  );
}

function SpotFields({ widget, onWidget }: { widget: Widget; onWidget: Put }) {
  const { t } = useWords();
  return (
    <div className="spot-fields">
      {(["x", "y", "w", "h"] as const).map((side) => (
        <Line key={side} label={t(`spot.${side}`)} at={`spot.${side}`}>
          <InputNumber
            min={side === "w" || side === "h" ? 1 : 0}
            max={side === "x" ? 11 : side === "w" ? 12 : 100}
            value={widget.spot[side]}
            onChange={(next) => onWidget({ ...widget, spot: { ...widget.spot, [side]: next ?? 0 } })}
            style={{ width: "100%" }}
          />
        </Line>
      ))}
    </div>
  );
}
