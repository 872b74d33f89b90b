import type { FieldValue, Model } from "../api/types";
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
  return Object.entries(seen).map(([key, value]) => {
    const field = fieldAt(model?.objects ?? [], object, key);
    const label = field ? field.label[language] || field.label.zh : key;
    const given = value as FieldValue;
    const text =
      given === null || given === undefined
        ? "—"
        : field
          ? valueText(field, given, language)
          : typeof given === "object"
            ? JSON.stringify(given)
            : String(given);
    return { key, label, text };
  });
}
