import { InputNumber, Select } from "antd";
import { useWords } from "../../app/language";
import { type Measure, type MetricDef, namedFields, useDesigns, type ValueKind } from "../definitions";
import { At } from "../faults/FaultPlaces";
import { FormulaEditor } from "../formula/FormulaEditor";
import { isOfRows, MEASURES, measureOf } from "./draft";

/** What is measured, with what each kind of measure needs to know. */
export function MeasureFields(props: { metric: MetricDef; onChange: (part: Partial<MetricDef>) => void }) {
  const { metric, onChange } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const { measure } = metric;
  const set = (part: object) => onChange({ measure: { ...measure, ...part } as Measure });
  const ofAnyKind = ["last", "min", "max", "formula"].includes(measure.kind);
  const moments = namedFields(designs, metric.source).filter((each) =>
    ["date", "datetime"].includes(each.kind ?? each.type),
  );
  const others = (designs?.metric_definitions ?? [])
    .filter((each) => each.object === metric.object && each.key !== metric.key)
    .map((each) => ({ value: each.key, label: say(each.label) }));
  const choice = (name: string, value: string, options: { value: string; label: string }[]) => (
    <At place={name}>
      <Select
        aria-label={t(`metric.part.${name}`)}
        placeholder={t(`metric.part.${name}`)}
        {...(value === "" ? {} : { value })}
        options={options}
        onChange={(next: string) => set({ [name]: next })}
      />
    </At>
  );
  const words = (group: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`metric.${group}.${value}`) }));
  return (
    <div className="stack">
      <Select
        aria-label={t("metric.measure")}
        value={measure.kind}
        options={MEASURES.map((value) => ({ value, label: t(`metric.measure.${value}`) }))}
        onChange={(kind) => {
          const next = measureOf(
            kind,
            measure,
            moments.map((each) => each.key),
          );
          onChange({ measure: next, gives: "number", ...(isOfRows(next) ? {} : { source: metric.object, path: "" }) });
        }}
      />
      {"value" in measure && (
        <FormulaEditor
          object={metric.source}
          at="value"
          label={t("metric.part.value")}
          placeholder={t("metric.valuePlaceholder")}
          value={measure.value}
          onChange={(value) => set({ value })}
        />
      )}
      {measure.kind === "formula" && (
        <FormulaEditor
          object={metric.object}
          at="formula"
          label={t("metric.part.formula")}
          placeholder={t("metric.formulaPlaceholder")}
          value={measure.formula}
          onChange={(formula) => set({ formula })}
        />
      )}
      {measure.kind === "percentile" && (
        <InputNumber<number>
          aria-label={t("metric.part.p")}
          min={1}
          max={100}
          suffix="%"
          value={Number(measure.p) * 100}
          onChange={(p) => set({ p: String((p ?? 90) / 100) })}
        />
      )}
      {measure.kind === "ratio" && (
        <div className="pair">
          {choice("numerator", measure.numerator, others)}
          {choice("denominator", measure.denominator, others)}
        </div>
      )}
      {measure.kind === "rate" && choice("per", measure.per, words("per", ["day", "week", "month"]))}
      {measure.kind === "share" && choice("of", measure.of, words("of", ["all", "team"]))}
      {measure.kind === "duration" && (
        <>
          <div className="pair">
            {choice(
              "start",
              measure.start,
              moments.map((each) => ({ value: each.key, label: say(each.label) })),
            )}
            {choice(
              "end",
              measure.end,
              moments.map((each) => ({ value: each.key, label: say(each.label) })),
            )}
          </div>
          {choice("statistic", measure.statistic, words("statistic", ["average", "median", "min", "max", "sum"]))}
        </>
      )}
      {measure.kind === "update_rate" && (
        <Select
          aria-label={t("metric.part.fields")}
          placeholder={t("metric.part.fields")}
          mode="multiple"
          value={measure.fields}
          options={(designs?.objects.find((each) => each.key === metric.object)?.fields ?? []).map((each) => ({
            value: each.key,
            label: say(each.label),
          }))}
          onChange={(fields: string[]) => set({ fields })}
        />
      )}
      {ofAnyKind && (
        <Select
          aria-label={t("metric.gives")}
          value={metric.gives}
          options={(["number", "text", "date", "datetime", "duration"] as const).map((value) => ({
            value,
            label: t(`metric.gives.${value}`),
          }))}
          onChange={(gives: ValueKind) => onChange({ gives })}
        />
      )}
    </div>
  );
}
