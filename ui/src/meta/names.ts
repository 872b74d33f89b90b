import type { FieldDef, Model } from "../api/types";
import type { Language } from "../app/language";
import { optionsOf } from "./options";
import type { Names } from "./plain-words";
import { fieldAt } from "./target";

const MOMENTS = new Set(["date", "datetime"]);

/** What a formula over an object names, in the company's words: a path by the labels of its steps. */
export function namesIn(model: Model | undefined, object: string, language: Language): Names {
  const at = (path: string) => fieldAt(model?.objects ?? [], object, path);
  return {
    label: (path) => {
      const steps = path.split(".");
      const found = steps.map((_, step) => at(steps.slice(0, step + 1).join(".")));
      return found.some((each) => each === undefined) ? undefined : said(found as FieldDef[], language);
    },
    option: (path, key) => {
      const field = at(path);
      const label = field && optionsOf(field).find((each) => each.key === key)?.label;
      return label && (label[language] || label.zh);
    },
    isMoment: (path) => MOMENTS.has(at(path)?.kind ?? at(path)?.type ?? ""),
  };
}

/** 「客户的名称」 and 「customer's name」 alike by a mark between the steps. */
const said = (steps: FieldDef[], language: Language) =>
  steps.map((each) => each.label[language] || each.label.zh).join(" › ");

/** A template's texts with what is in its braces in words: 「{customer.name}」 becomes 「{客户 › 名称}」. */
export const inBraces = (template: string, words: (formula: string) => string): string =>
  template.replace(/\{([^{}]+)\}/g, (_, formula: string) => `{${words(formula)}}`);
