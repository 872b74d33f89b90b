import type { FieldDef, FieldValue, Me } from "../../api/types";
import { compile, type FormulaDocument, type Moment } from "../../formula";

export type Values = Readonly<Record<string, FieldValue | undefined>>;

const kept = new WeakMap<FormulaDocument, ReturnType<typeof compile>>();

function evaluate(document: FormulaDocument, values: Values, moment: Moment): unknown {
  let evaluator = kept.get(document);
  if (evaluator === undefined) {
    evaluator = compile(document);
    kept.set(document, evaluator);
  }
  return evaluator(values, moment);
}

/** The moment and the person that a form's formulas are worked out for. */
export function momentOf(me: Me | undefined, now: Date): Moment {
  return {
    now: now.toISOString(),
    zone: me?.workspace.zone ?? "Asia/Shanghai",
    workingDays: [],
    params: { me: me?.person.id ?? null },
  };
}

/** Whether a field shows for what is typed now. What the browser cannot tell shows. */
export function isShown(field: FieldDef, values: Values, moment: Moment): boolean {
  const document = field.live?.visible_when;
  return document === undefined || evaluate(document, values, moment) === true;
}

/** Whether a field's advice stands: while it is blank or, where it has a condition, while that holds. */
export function isAdvised(field: FieldDef, values: Values, moment: Moment): boolean {
  if (field.hint == null) return false;
  const document = field.live?.hint_when;
  if (document !== undefined) return evaluate(document, values, moment) === true;
  const value = values[field.key];
  return field.hint.when === null && (value === undefined || value === null || value === "");
}
