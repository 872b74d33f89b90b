import type { ReactNode } from "react";
import type { FieldDef, FieldValue, Label, Reference } from "../api/types";
import type { Language } from "../app/language";
import { optionsOf } from "./options";

const NUMERIC = new Set(["number", "money", "percent", "duration"]);

/** What a formula works out and is read as a field of that type is. */
const KINDS_AS_TYPES: ReadonlySet<string> = new Set(["boolean", "datetime"]);

export const isNumeric = (field: FieldDef) => NUMERIC.has(field.type);

/** A formula's kind shows in its value. */
export const isNumber = (field: FieldDef, value: FieldValue | undefined) =>
  isNumeric(field) || (field.type === "formula" && typeof value === "number");

export const isReference = (value: FieldValue | undefined): value is Reference =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "id" in value && "label" in value;

/** A value as a person reads it. The same text serves grid, panel and history. */
export function valueText(field: FieldDef, value: FieldValue | undefined, language: Language): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value))
    return value.map((each) => valueText(field, each, language)).join(language === "en" ? ", " : "、");
  if (isReference(value)) return value.label ?? "—";
  const locale = language === "en" ? "en" : "zh-CN";
  switch (field.type) {
    case "choice":
    case "multi_choice": {
      const option = optionsOf(field).find((each) => each.key === value);
      return option ? option.label[language] || option.label.zh : String(value);
    }
    case "money":
      return Number(value).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    case "percent":
      return `${(Number(value) * 100).toLocaleString(locale, { maximumFractionDigits: 4 })}%`;
    case "number":
      if (isShare(field)) return shareText(Number(value), locale);
      return Number(value).toLocaleString(locale, { maximumFractionDigits: 10 });
    case "duration":
      return durationText(Number(value), language);
    case "datetime":
      return new Date(String(value)).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
    case "phone":
      // Stored as +8613800138000; people in China read 138 0013 8000.
      return String(value).replace(/^\+86(1\d{2})(\d{4})(\d{4})$/, "$1 $2 $3");
    case "formula":
      if (typeof value === "number") return computedText(value, locale);
      return KINDS_AS_TYPES.has(field.kind ?? "")
        ? valueText({ ...field, type: field.kind ?? "" }, value, language)
        : String(value);
    case "boolean":
      return language === "zh" ? (value ? "是" : "否") : value ? "Yes" : "No";
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}

/** Whether a number is a part of a whole, 1 being all of it: its unit says so, as 65% is 0.65 in a formula. */
export const isShare = (field: FieldDef) => (field.options.unit as Label | null | undefined)?.zh === "%";

/** A part of a whole in hundredths, to one place as a person compares them. */
export const shareText = (value: number, locale: string) =>
  `${(value * 100).toLocaleString(locale, { maximumFractionDigits: 1 })}%`;

/** A worked-out number to as many places as a person reads: two, or four where it is small. */
const computedText = (value: number, locale: string) =>
  value.toLocaleString(locale, { maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2 });

function durationText(seconds: number, language: Language): string {
  const [d, h, m] = [
    Math.trunc(seconds / 86400),
    Math.trunc((seconds % 86400) / 3600),
    Math.round((seconds % 3600) / 60),
  ];
  const units = language === "zh" ? ["天", "小时", "分钟"] : ["d", "h", "min"];
  const parts = [d, h, m].map((n, i) => (n === 0 ? "" : `${n} ${units[i]}`)).filter(Boolean);
  return parts.join(" ") || `0 ${units[2]}`;
}

export function Value({
  field,
  value,
  language,
}: {
  field: FieldDef;
  value: FieldValue | undefined;
  language: Language;
}) {
  if (value === null || value === undefined || value === "") return null;
  const text = valueText(field, value, language);
  if (field.type === "choice" || field.type === "multi_choice")
    return <Chips field={field} value={value} language={language} />;
  if (field.type === "person" && isReference(value))
    return (
      <>
        <i className="avatar" style={{ fontStyle: "normal" }} aria-hidden>
          {(value.label ?? "?").slice(0, 1)}
        </i>
        <span>{text}</span>
      </>
    );
  return <span title={text}>{text}</span>;
}

function Chips({ field, value, language }: { field: FieldDef; value: FieldValue; language: Language }): ReactNode {
  const options = optionsOf(field);
  return (Array.isArray(value) ? value : [value]).map((each) => (
    <span
      key={String(each)}
      className="chip"
      data-colour={options.find((option) => option.key === each)?.colour ?? undefined}
      style={{ marginRight: 4 }}
    >
      {valueText(field, each, language)}
    </span>
  ));
}
