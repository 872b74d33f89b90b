import { Fragment, useState } from "react";
import { useModel } from "../../api/queries";
import type { FieldValue, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Level } from "../../design/Level";
import { figureText, inputText, rowBehind } from "../../meta/metric-text";
import { plainWords } from "../../meta/plain-words";
import { Value } from "../../meta/Value";
import {
  type ClassStanding,
  type MetricExplanation,
  type MetricValue,
  useClasses,
  useMetricExplanation,
  useMetricValues,
} from "./figures";

/** The classes and metrics of a record, each with what it was made of. */
export function Figures({ object, id }: { object: ObjectDef; id: string }) {
  const { t } = useWords();
  const classes = useClasses(object.key, id);
  const metrics = useMetricValues(object.key, id, true);
  return (
    <div className="figures">
      {(classes.data?.items ?? []).map((each) => (
        <Colour key={each.segment} object={object} standing={each} />
      ))}
      {(metrics.data?.items ?? []).map((each) => (
        <Figure key={each.metric} object={object} id={id} figure={each} />
      ))}
      {metrics.isError && <p className="fault">{metrics.error.message}</p>}
      {metrics.data?.as_of && (
        <p className="blank">
          {t("computedAt")} <Moment at={metrics.data.as_of} />
        </p>
      )}
    </div>
  );
}

const LEVELS = new Map<string | null, "red" | "yellow" | "green" | "info">([
  ["red", "red"],
  ["yellow", "yellow"],
  ["orange", "yellow"],
  ["green", "green"],
]);

/** Why this colour: the condition that held, and the values it saw. */
export function Colour({ object, standing }: { object: ObjectDef; standing: ClassStanding }) {
  const { t, language } = useWords();
  const seen = Object.entries(standing.reason?.seen ?? {});
  return (
    <section className="figure">
      <header>
        <h2>{standing.label}</h2>
        <Level level={LEVELS.get(standing.colour) ?? "info"}>{standing.class_label}</Level>
      </header>
      <p className="blank">
        {standing.from_label
          ? t("classSinceFrom", { from: standing.from_label, to: standing.class_label })
          : t("classSince")}{" "}
        <Moment at={standing.since} />
      </p>
      {(seen.length > 0 || standing.reason?.when) && (
        <details>
          <summary>{t("whyColour")}</summary>
          {standing.reason?.when && <p>{plainWords(standing.reason.when, language)}</p>}
          <dl className="seen">
            {seen.map(([key, value]) => (
              <Seen key={key} object={object} name={key} value={value} />
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Seen({ object, name, value }: { object: ObjectDef; name: string; value: FieldValue }) {
  const { t, say, language } = useWords();
  const field = [...object.fields, ...(object.metrics ?? []), ...(object.system_fields ?? [])].find(
    (each) => each.key === name,
  );
  return (
    <>
      <dt>{field ? say(field.label) : name}</dt>
      <dd>
        {value === null || value === "" ? (
          <span className="blank">{t("blank")}</span>
        ) : field ? (
          <Value field={field} value={value} language={language} />
        ) : (
          String(value)
        )}
      </dd>
    </>
  );
}

function Figure({ object, id, figure }: { object: ObjectDef; id: string; figure: MetricValue }) {
  const { t, language } = useWords();
  const [open, setOpen] = useState(false);
  const explained = useMetricExplanation(object.key, id, figure.metric, open);
  return (
    <section className="figure">
      <header>
        <h2>{figure.label}</h2>
        <b>{figureText(figure, figure.value, language)}</b>
      </header>
      <p className="blank">
        {figure.why}
        {figure.base !== null && t("comparedWith", { base: figureText(figure, figure.base, language) })}
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("why")}</summary>
        {explained.isError && <p className="fault">{explained.error.message}</p>}
        {explained.data && <Explanation found={explained.data} />}
      </details>
    </section>
  );
}

function Explanation({ found }: { found: MetricExplanation }) {
  const { t, language } = useWords();
  const model = useModel().data;
  const source = found.definition.source ?? "";
  // How much was kept up is told by the record's own fields, above.
  const isOfRows = found.definition.measure.kind !== "update_rate";
  return (
    <>
      <p>{found.words}</p>
      {found.window.start && (
        <p className="blank">
          <Moment at={found.window.start} /> — <Moment at={found.window.end} />
        </p>
      )}
      {found.inputs.length > 0 && (
        <dl className="seen">
          {found.inputs.map((each) => (
            <Fragment key={each.label}>
              <dt>{each.label}</dt>
              <dd>{inputText(each, language)}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      {found.parts.map((part) => (
        <div key={part.metric} className="part">
          <b>
            {part.label} {figureText(part, part.value, language)}
          </b>
          <Explanation found={part} />
        </div>
      ))}
      {found.rows.length > 0 && (
        <ul className="lines">
          {found.rows.slice(0, 10).map((row) => {
            const { title, details } = rowBehind(model, source, row, language);
            return (
              <li key={row.id}>
                <span className="line-title">{title}</span>
                {details && <span className="blank">{details}</span>}
              </li>
            );
          })}
        </ul>
      )}
      {found.parts.length === 0 && (
        <p className="blank">
          {isOfRows && t("madeOf", { count: found.count })}
          {found.hidden > 0 && ` ${t("metric.hidden", { count: found.hidden })}`}
        </p>
      )}
    </>
  );
}
