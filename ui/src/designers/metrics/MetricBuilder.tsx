import { Button, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import type { ModelAction } from "../change/action";
import { AskedChange, useDraftChange } from "../change/asking";
import { DesignerBar } from "../DesignerBar";
import { type Comparison, type MetricDef, namedFields, useDesigns } from "../definitions";
import { At, FaultPlaces, Refused } from "../faults/FaultPlaces";
import { FormulaEditor } from "../formula/FormulaEditor";
import { LabelFields, Line } from "../LabelFields";
import { comparisonsFor, finished, isOfRows, newMetric } from "./draft";
import { MeasureFields } from "./MeasureFields";
import { MetricExplained } from "./MetricExplained";
import { metricSentence, pathsTo, pathText } from "./sentence";
import { WindowFields } from "./WindowFields";

/** A metric in the parts of its sentence. What it will do is shown before it is put into force. */
export function MetricBuilder(props: { saved: MetricDef | undefined; start: MetricDef; onClose: () => void }) {
  const { saved, start, onClose } = props;
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const [first] = useState(start);
  const [metric, setMetric] = useState(first);
  const change = useDraftChange(metric !== first, onClose);
  if (designs === undefined) return null;
  const set = (part: Partial<MetricDef>) => setMetric((before) => ({ ...before, ...part }));
  const taken = [
    ...designs.metric_definitions.map((each) => each.key),
    ...namedFields(designs, metric.object).map((each) => each.key),
  ];
  const objects = designs.objects.map((each) => ({ value: each.key, label: say(each.label) }));
  const paths = pathsTo(designs, metric.source, metric.object);
  const moments = namedFields(designs, metric.source).filter((each) =>
    ["date", "datetime"].includes(each.kind ?? each.type),
  );
  const ask = (action: ModelAction) => change.ask({ title: say(metric.label), actions: [action] });
  const save = () => {
    const after = finished(metric, taken);
    ask(
      saved === undefined ? { action: "add_metric", metric: after } : { action: "change_metric", before: saved, after },
    );
  };
  const moment = moments.some((each) => each.key === metric.at) ? [] : [{ value: metric.at, label: metric.at }];
  return (
    <FaultPlaces draft={metric}>
      <DesignerBar title={saved ? say(saved.label) : t("metric.add")} onBack={onClose}>
        {saved && <Button onClick={() => ask({ action: "remove_metric", metric: saved.key })}>{t("delete")}</Button>}
        <Button type="primary" disabled={!metric.label.zh && !metric.label.en} onClick={save}>
          {t("preview")}
        </Button>
      </DesignerBar>
      <div className="page designer">
        <div className="designer-main">
          <Refused />
          <p className="sentence">
            {t("metric.of", { name: objects.find((each) => each.value === metric.object)?.label ?? "" })}
            {metricSentence(metric, designs, language, t)}
          </p>
          <dl className="fields">
            <Line label={t("name")} at="label">
              <LabelFields label={metric.label} onChange={(label) => set({ label })} />
            </Line>
            <Line label={t("metric.object")} at="object">
              <Select
                aria-label={t("metric.object")}
                disabled={saved !== undefined}
                style={{ width: "100%" }}
                value={metric.object}
                options={objects}
                onChange={(object) => setMetric((before) => ({ ...newMetric(designs, object), label: before.label }))}
              />
            </Line>
            <Line label={t("metric.measure")} at="measure">
              <MeasureFields metric={metric} onChange={set} />
            </Line>
            {isOfRows(metric.measure) && (
              <>
                <Line
                  label={t("metric.source")}
                  at="source"
                  {...(paths.length === 0 ? { lead: t("metric.noPath") } : {})}
                >
                  <div className="pair">
                    <Select
                      aria-label={t("metric.source")}
                      showSearch={{ optionFilterProp: "label" }}
                      value={metric.source}
                      options={objects}
                      onChange={(source) => set({ source, path: pathsTo(designs, source, metric.object)[0] ?? "" })}
                    />
                    {paths.some((path) => path !== "") && (
                      <At place="path">
                        <Select
                          aria-label={t("metric.path")}
                          value={metric.path}
                          options={paths.map((path) => ({
                            value: path,
                            label:
                              path === ""
                                ? t("metric.itself")
                                : t("metric.by", { path: pathText(designs, metric.source, path, language) }),
                          }))}
                          onChange={(path) => set({ path })}
                        />
                      </At>
                    )}
                  </div>
                </Line>
                <Line label={t("metric.where")}>
                  <FormulaEditor
                    object={metric.source}
                    at="where"
                    label={t("metric.where")}
                    expect="boolean"
                    placeholder={t("metric.wherePlaceholder")}
                    value={metric.where ?? ""}
                    onChange={(where) => set({ where })}
                  />
                </Line>
                <Line label={t("metric.window")} at="window">
                  <WindowFields window={metric.window} onChange={(window) => set({ window })} />
                </Line>
                <Line label={t("metric.at")} at="at">
                  <Select
                    aria-label={t("metric.at")}
                    style={{ width: "100%" }}
                    value={metric.at}
                    options={[...moment, ...moments.map((each) => ({ value: each.key, label: say(each.label) }))]}
                    onChange={(at) => set({ at })}
                  />
                </Line>
              </>
            )}
            <Line label={t("metric.comparison")} at="comparison">
              <Select
                aria-label={t("metric.comparison")}
                style={{ width: "100%" }}
                value={metric.comparison.kind}
                options={comparisonsFor(metric).map((value) => ({ value, label: t(`metric.comparison.${value}`) }))}
                onChange={(kind) =>
                  set({ comparison: (kind === "benchmark" ? { kind, value: "" } : { kind }) as Comparison })
                }
              />
              {metric.comparison.kind === "benchmark" && (
                <FormulaEditor
                  object={metric.object}
                  at="value"
                  label={t("metric.comparison.benchmark")}
                  expect="number"
                  value={metric.comparison.value}
                  onChange={(value) => set({ comparison: { kind: "benchmark", value } })}
                />
              )}
            </Line>
            <Line label={t("metric.unit")} at="unit">
              <div className="pair">
                <Input
                  aria-label={t("metric.unit")}
                  placeholder={t("metric.unitPlaceholder")}
                  value={metric.unit?.[language] ?? ""}
                  onChange={(event) =>
                    set({ unit: { ...(metric.unit ?? { zh: "", en: "" }), [language]: event.target.value } })
                  }
                />
                <InputNumber
                  aria-label={t("metric.decimals")}
                  placeholder={t("metric.decimals")}
                  min={0}
                  max={10}
                  style={{ width: "100%" }}
                  value={metric.decimals}
                  onChange={(decimals) => set({ decimals })}
                />
              </div>
            </Line>
            <Line label={t("metric.purpose")} lead={t(`metric.purposeLead.${metric.purpose}`)}>
              <Segmented
                aria-label={t("metric.purpose")}
                value={metric.purpose}
                options={(["diagnostic", "assessed"] as const).map((value) => ({
                  value,
                  label: t(`metric.purpose.${value}`),
                }))}
                onChange={(purpose) => set({ purpose })}
              />
            </Line>
          </dl>
        </div>
        <aside className="designer-aside">
          <MetricExplained metric={saved} />
        </aside>
      </div>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}
