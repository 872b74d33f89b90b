import type { FieldDef, FieldValue } from "../../api/types";
import type { Language } from "../../app/language";
import { valueText } from "../../meta/Value";

/** The values that a decision looked at, in words: " · 未联系天数 21，等级 A". */
export function seenText(reason: Record<string, unknown> | null, fields: FieldDef[], language: Language): string {
  const seen = reason?.seen ?? reason;
  if (typeof seen !== "object" || seen === null) return "";
  const parts = Object.entries(seen)
    .filter(([, value]) => value === null || typeof value !== "object")
    .map(([key, value]) => {
      const field = fields.find((each) => each.key === key);
      const label = field?.label[language] || key;
      const shown = field ? valueText(field, value as FieldValue, language) : String(value);
      return `${label} ${value === null ? "—" : shown}`;
    });
  return parts.length === 0 ? "" : ` · ${parts.join(language === "zh" ? "，" : ", ")}`;
}
