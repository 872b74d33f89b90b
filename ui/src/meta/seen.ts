import type { FieldValue, Model } from "../api/types";
import type { Language } from "../app/language";
import { targetOf } from "./target";
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
    const field = fieldOf(model, object, key);
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

/** The field at the end of a dotted path. */
function fieldOf(model: Model | undefined, object: string, path: string) {
  let owner: string | undefined = object;
  let found: ReturnType<typeof one>;
  for (const key of path.split(".")) {
    found = one(model, owner, key);
    owner = found && targetOf(found);
  }
  return found;
}

function one(model: Model | undefined, object: string | undefined, key: string) {
  const definition = model?.objects.find((each) => each.key === object);
  return [...(definition?.fields ?? []), ...(definition?.metrics ?? []), ...(definition?.system_fields ?? [])].find(
    (each) => each.key === key,
  );
}
