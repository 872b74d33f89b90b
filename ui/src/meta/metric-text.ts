import type { MetricInput, MetricShown } from "../api/schema";
import type { FieldDef, FieldValue, Model, RecordRow } from "../api/types";
import type { Language } from "../app/language";
import { momentText } from "../app/moments";
import { titleOf } from "./target";
import { shareText, valueText } from "./Value";

/** So many fields of a row beside its title tell it from others. */
const DETAILS = 4;
const UNTOLD = new Set(["id", "version"]);

/** A metric's value as a person reads it, with its unit. */
export function figureText(each: Pick<MetricShown, "kind" | "unit">, value: FieldValue, language: Language): string {
  const unit = each.unit ?? "";
  if (value === null) return "—";
  if (typeof value === "number" && unit === "%") return shareText(value, language === "en" ? "en" : "zh-CN");
  const text = valueText(plainField(each.kind), value, language);
  return unit ? `${text} ${unit}` : text;
}

/** What a metric's value was worked out from beside its rows; a dash where there was none. */
export function inputText({ value, kind }: MetricInput, language: Language): string {
  if (value === null) return "—";
  return kind === "datetime" ? momentText(new Date(value), language) : valueText(plainField("number"), value, language);
}

/** What tells a row behind a value: its title, if it has one, and what is read of it. */
export function rowBehind(
  model: Model | undefined,
  source: string,
  row: RecordRow,
  language: Language,
): { title: string; details: string } {
  const object = model?.objects.find((each) => each.key === source);
  const fields = [...(object?.fields ?? []), ...(object?.system_fields ?? [])];
  const told = fields.filter(
    ({ key }) => key !== object?.title && !UNTOLD.has(key) && row[key] !== undefined && row[key] !== null,
  );
  const details = told
    .slice(0, DETAILS)
    .map((field) => `${field.label[language]} ${valueText(field, row[field.key], language)}`)
    .join(" · ");
  const title = titleOf(model, source, row);
  return title === "—" && details ? { title: details, details: "" } : { title, details };
}

/** Numbers are worked out, not entered: to as many places as a person reads. */
const plainField = (kind: string): FieldDef => ({
  key: "",
  type: kind === "number" ? "formula" : kind,
  label: { zh: "", en: "" },
  options: {},
  required: false,
});
