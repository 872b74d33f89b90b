import type { FieldDef, Model } from "../../api/types";
import type { Language } from "../../app/language";
import { namesIn } from "../../meta/names";
import { plainWords } from "../../meta/plain-words";
import { targetOf } from "../../meta/target";
import { labelOf, type Measure, type MetricDef, namedFields, type Window } from "../definitions";

/** Words of a sentence: `t` fills in a phrase of the catalogue of translations. */
export interface Phrases {
  (key: string): string;
  (key: string, parts: Record<string, unknown>): string;
}

/** The metric as a sentence that says what is counted, over which time, against what. */
export function metricSentence(metric: MetricDef, model: Model | undefined, language: Language, t: Phrases): string {
  const object = labelOf(model, metric.object)[language];
  const source = labelOf(model, metric.source)[language];
  const parts = [
    measurePhrase(metric, model, language, t, { object, source }),
    ...(metric.where
      ? [t("metric.say.where", { where: plainWords(metric.where, language, namesIn(model, metric.source, language)) })]
      : []),
    ...(metric.measure.kind === "ratio" || metric.measure.kind === "formula" ? [] : [windowPhrase(metric.window, t)]),
    ...(metric.comparison.kind === "none" ? [] : [t(`metric.comparison.${metric.comparison.kind}`)]),
  ];
  return parts.filter(Boolean).join(language === "zh" ? "，" : ", ");
}

function measurePhrase(
  metric: MetricDef,
  model: Model | undefined,
  language: Language,
  t: Phrases,
  names: { object: string; source: string },
): string {
  const measure: Measure = metric.measure;
  const named = (formula: string) => plainWords(formula, language, namesIn(model, metric.source, language));
  const metricNamed = (key: string) => labelOf(model, metric.object, key)[language];
  switch (measure.kind) {
    case "ratio":
      return t("metric.say.ratio", {
        numerator: metricNamed(measure.numerator),
        denominator: metricNamed(measure.denominator),
      });
    case "percentile":
      return t("metric.say.percentile", { ...names, value: named(measure.value), p: Number(measure.p) * 100 });
    case "duration":
      return t("metric.say.duration", {
        ...names,
        start: named(measure.start),
        end: named(measure.end),
        statistic: t(`metric.statistic.${measure.statistic}`),
      });
    case "rate":
      return t("metric.say.rate", { ...names, per: t(`metric.per.${measure.per}`) });
    case "share":
      return t("metric.say.share", { ...names, value: named(measure.value), of: t(`metric.of.${measure.of}`) });
    case "update_rate":
      return t("metric.say.update_rate", { ...names, fields: measure.fields.map(metricNamed).join("、") });
    case "formula":
      return t("metric.say.formula", {
        formula: plainWords(measure.formula, language, namesIn(model, metric.object, language)),
      });
    case "count":
    case "days_since":
      return t(`metric.say.${measure.kind}`, names);
    default:
      return t(`metric.say.${measure.kind}`, { ...names, value: named(measure.value) });
  }
}

export function windowPhrase(window: Window, t: Phrases): string {
  switch (window.kind) {
    case "rolling":
    case "rolling_working":
      return t(`metric.window.say.${window.kind}`, { count: window.days });
    case "calendar":
    case "fiscal":
      return window.back === 0
        ? t(`metric.window.this.${window.unit}`)
        : t(`metric.window.back.${window.unit}`, { count: window.back });
    case "since":
      return t("metric.window.say.since", { date: window.date });
    default:
      return t("metric.window.say.all");
  }
}

/** The ways from the rows of a source to an object by its relations, the shortest first; "" for the object itself. */
export function pathsTo(model: Model | undefined, source: string, object: string, hops = 2): string[] {
  const found: string[] = source === object ? [""] : [];
  let ends: { path: string[]; at: string }[] = [{ path: [], at: source }];
  for (let hop = 0; hop < hops; hop += 1) {
    ends = ends.flatMap(({ path, at }) =>
      relationsOf(model, at).map((field) => ({ path: [...path, field.key], at: targetOf(field) ?? "" })),
    );
    found.push(...ends.filter((each) => each.at === object).map((each) => each.path.join(".")));
  }
  return found;
}

function relationsOf(model: Model | undefined, object: string): FieldDef[] {
  return namedFields(model, object).filter((each) => targetOf(each) !== undefined && each.options.many !== true);
}

/** A path in words: the labels of its relations. */
export function pathText(model: Model | undefined, source: string, path: string, language: Language): string {
  const names: string[] = [];
  let at: string | undefined = source;
  for (const key of path === "" ? [] : path.split(".")) {
    if (at === undefined) break;
    const field: FieldDef | undefined = namedFields(model, at).find((each) => each.key === key);
    names.push(field?.label[language] || field?.label.zh || key);
    at = field && targetOf(field);
  }
  return names.join(" › ");
}
