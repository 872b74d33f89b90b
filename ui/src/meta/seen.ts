import type { FieldDef, FieldValue, Model } from "../api/types";
import type { Language } from "../app/language";
import { fieldAt } from "./target";
import { valueText } from "./Value";

export interface SeenValue {
  key: string;
  label: string;
  text: string;
}

/** The values that a rule or a segment decided by, in the words of the company: fields by their labels. */
export function seenValues(
  model: Model | undefined,
  object: string,
  seen: Record<string, unknown>,
  language: Language,
): SeenValue[] {
  return inWords(seen, (key) => fieldAt(model?.objects ?? [], object, key), language);
}

/** The plain values of a decision on one line, over fields that are known: " · 未联系天数 21，等级 A". */
export function seenText(reason: Record<string, unknown> | null, fields: FieldDef[], language: Language): string {
  const seen = reason?.seen ?? reason;
  if (typeof seen !== "object" || seen === null) return "";
  const plain = Object.entries(seen).filter(([, value]) => value === null || typeof value !== "object");
  const found = inWords(Object.fromEntries(plain), (key) => fields.find((each) => each.key === key), language);
  const parts = found.map(({ label, text }) => `${label} ${text}`);
  return parts.length === 0 ? "" : ` · ${parts.join(language === "zh" ? "，" : ", ")}`;
}

function inWords(
  seen: Record<string, unknown>,
  fieldOf: (key: string) => FieldDef | undefined,
  language: Language,
): SeenValue[] {
  return Object.entries(seen).map(([key, value]) => {
    const field = fieldOf(key);
    const label = field ? field.label[language] || field.label.zh : key;
    return { key, label, text: textOf(value as FieldValue | undefined, field, language) };
  });
}

function textOf(value: FieldValue | undefined, field: FieldDef | undefined, language: Language): string {
  if (value === null || value === undefined) return "—";
  if (field) return valueText(field, value, language);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
