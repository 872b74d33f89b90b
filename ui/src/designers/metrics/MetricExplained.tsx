import { Fragment, useState } from "react";
import { Problem } from "../../api/client";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { momentText } from "../../app/moments";
import { type MetricExplanation, useMetricExplanation } from "../../features/records/figures";
import { figureText, inputText, rowBehind } from "../../meta/metric-text";
import { labelOf, type MetricDef } from "../definitions";
import { RecordPicker } from "../RecordPicker";

/** The value of one record: how it was worked out, over which time, from which rows, when and by which version. */
export function MetricExplained({ metric }: { metric: MetricDef | undefined }) {
  const { t, say } = useWords();
  const model = useModel().data;
  const [record, setRecord] = useState<string>();
  const isAsked = metric !== undefined && record !== undefined;
  const found = useMetricExplanation(metric?.object ?? "", record ?? "", metric?.key ?? "", isAsked);
  return (
    <section className="explained">
      <h2>{t("metric.explained")}</h2>
      {metric === undefined ? (
        <p className="lead">{t("metric.explainedLater")}</p>
      ) : (
        <RecordPicker
          object={metric.object}
          label={t("formula.tryOn", { name: say(labelOf(model, metric.object)) })}
          value={record}
          onChange={setRecord}
        />
      )}
      {found.error instanceof Problem && <p className="fault">{found.error.message}</p>}
      {found.data && record !== undefined && <Explanation found={found.data} />}
    </section>
  );
}

function Explanation({ found }: { found: MetricExplanation }) {
  const { t, language } = useWords();
  const model = useModel().data;
  const when = (moment: string | null) => (moment === null ? "—" : momentText(new Date(moment), language));
  const source = found.definition.source;
  return (
    <>
      <p className="big-number">{figureText(found, found.value, language)}</p>
      {found.why && <p className="lead">{found.why}</p>}
      {found.base !== null && (
        <p className="lead">{t("metric.base", { value: figureText(found, found.base, language) })}</p>
      )}
      <p>{found.words}</p>
      <dl className="facts">
        <dt>{t("metric.window")}</dt>
        <dd>
          {found.window.start === null ? t("metric.earliest") : when(found.window.start)} → {when(found.window.end)}
        </dd>
        {found.compared && (
          <>
            <dt>{t("metric.compared")}</dt>
            <dd>
              {when(found.compared.start)} → {when(found.compared.end)}
            </dd>
          </>
        )}
        {found.inputs.map((each) => (
          <Fragment key={each.label}>
            <dt>{each.label}</dt>
            <dd>{inputText(each, language)}</dd>
          </Fragment>
        ))}
        <dt>{t("metric.computedAt")}</dt>
        <dd>{when(found.computed_at)}</dd>
        <dt>{t("metric.version")}</dt>
        <dd>
          {found.version ?? "—"} · {found.engine}
        </dd>
      </dl>
      {found.parts.map((part) => (
        <div key={part.metric} className="part">
          <b>{part.label}</b> {figureText(part, part.value, language)}
          <p className="lead">{part.words}</p>
        </div>
      ))}
      {found.rows.length > 0 && <h3>{t("metric.rows", { count: found.count })}</h3>}
      <ul className="rows-behind">
        {found.rows.slice(0, 20).map((row) => {
          const { title, details } = rowBehind(model, source, row, language);
          return (
            <li key={String(row.id)}>
              <b>{title}</b>
              <span>{details}</span>
            </li>
          );
        })}
      </ul>
      {found.hidden > 0 && <p className="lead">{t("metric.hidden", { count: found.hidden })}</p>}
    </>
  );
}
