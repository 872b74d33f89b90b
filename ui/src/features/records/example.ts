import type { FieldDef, ObjectDef } from "../../api/types";
import type { Language } from "../../app/language";
import { optionsOf } from "../../meta/options";

/** A formula that filters this very object, for people to write their own after. */
export function exampleFilter(object: ObjectDef, language: Language): string {
  const found = object.fields.find((field) => field.type === "choice" && optionsOf(field).length > 0);
  const option = found && optionsOf(found)[0];
  if (found && option) return `${named(found, language)} = '${option.label[language]}'`;
  const title = object.fields.find((field) => field.key === object.title) ?? object.fields[0];
  const blank = language === "zh" ? "不为空" : "IS NOT BLANK";
  return title ? `${named(title, language)} ${blank}` : "";
}

const named = (field: FieldDef, language: Language) => `[${field.label[language]}]`;
