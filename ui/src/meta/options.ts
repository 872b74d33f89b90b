import type { ChoiceOption, FieldDef, Label } from "../api/types";

interface Given {
  key?: string;
  label?: Label | string;
  color?: string | null;
}

/** The options of a choice field, in their order. A plain label stands for both languages. */
export function optionsOf(field: FieldDef): ChoiceOption[] {
  const given = (field.options.choices ?? []) as Given[];
  return given.map((each) => ({
    key: String(each.key),
    label: typeof each.label === "string" ? { zh: each.label, en: each.label } : (each.label ?? { zh: "", en: "" }),
    colour: each.color ?? null,
  }));
}
