import { useModel } from "../api/queries";
import type { FieldDef, Label, Model } from "../api/types";

/** The definitions of the catalogue that the designers read and write, in the API's JSON. */
export type ValueKind = "number" | "duration" | "text" | "date" | "datetime";

export type Measure =
  | { kind: "count" | "days_since" }
  | { kind: "sum" | "min" | "max" | "average" | "distinct" | "last"; value: string }
  | { kind: "percentile"; value: string; p: number | string }
  | { kind: "ratio"; numerator: string; denominator: string }
  | { kind: "rate"; per: "day" | "week" | "month" }
  | { kind: "share"; value: string; of: "all" | "team" }
  | { kind: "duration"; start: string; end: string; statistic: "average" | "median" | "min" | "max" | "sum" }
  | { kind: "update_rate"; fields: string[] };

export type Window =
  | { kind: "all" }
  | { kind: "rolling" | "rolling_working"; days: number }
  | { kind: "calendar"; unit: "week" | "month" | "quarter" | "year"; back: number }
  | { kind: "since"; date: string }
  | { kind: "fiscal"; unit: "quarter" | "year"; first_month: number; back: number };

export type Comparison =
  | { kind: "none" | "previous_period" | "same_period_last_year" | "team_mean" }
  | { kind: "benchmark"; value: string };

export interface MetricDef {
  key: string;
  label: Label;
  description: Label | null;
  object: string;
  source: string;
  path: string;
  where: string | null;
  at: string;
  measure: Measure;
  window: Window;
  comparison: Comparison;
  gives: ValueKind;
  unit: Label | null;
  decimals: number | null;
  purpose: "diagnostic" | "assessed";
}

export type Colour = "red" | "yellow" | "green" | "grey" | "blue";

export interface SegmentClass {
  key: string;
  label: Label;
  colour: Colour;
  when: string | null;
  leave_when: string | null;
  on_entry: RuleAction[];
}

export interface SegmentDef {
  key: string;
  label: Label;
  description: Label | null;
  object: string;
  classes: SegmentClass[];
  minimum_stay: number;
}

export interface Span {
  amount: number;
  unit: "minutes" | "hours" | "days" | "working_days";
}

export type ChangeKind = "create" | "update" | "delete" | "restore";

export type Trigger =
  | { kind: "changed"; actions: ChangeKind[]; fields: string[] }
  | { kind: "becomes"; leave_when: string | null }
  | { kind: "holds"; periods: number; period: "day" | "working_day" | "week" | "month" }
  | { kind: "scheduled"; cron: string; working_days_only: boolean }
  | { kind: "enters"; segment: string; classes: string[] }
  | { kind: "happens"; event: string };

export interface SignalButton {
  key: string;
  label: Label;
  does: "open" | "task" | "dismiss" | "form";
  fields: string[];
}

export type RuleAction =
  | {
      kind: "signal";
      signal: string;
      gap: "customer" | "strategy" | "collaboration";
      level: "info" | "yellow" | "red";
      title: string;
      detail: string | null;
      to: string[];
      buttons: SignalButton[];
      expires: Span | null;
    }
  | {
      kind: "task";
      task: string;
      title: string;
      detail: string | null;
      to: string;
      due: Span;
      form: string[];
      content: string | null;
      breach: string[];
    }
  | { kind: "notify"; to: string[]; title: string; body: string | null; urgent: boolean }
  | { kind: "record"; object: string; about: string | null; values: Record<string, string> }
  | { kind: "set"; of: string | null; values: Record<string, string> }
  | { kind: "lock"; reason: Label; fields: string[]; until: "condition_ends" | "released" }
  | { kind: "push"; content: string; to: string[] }
  | { kind: "hook"; url: string; body: Record<string, string> }
  | { kind: "escalate"; after: Span; to: string[]; title: string };

export type ActionOf<Kind extends RuleAction["kind"]> = Extract<RuleAction, { kind: Kind }>;

export interface RuleDef {
  key: string;
  label: Label;
  description: Label | null;
  object: string;
  when: Trigger;
  if: string | null;
  then: RuleAction[];
  enabled: boolean;
  outcome: string | null;
  outcome_days: number;
}

export interface RoleDef {
  key: string;
  label: Label;
}

export interface Designs extends Model {
  metric_definitions: MetricDef[];
  segments: SegmentDef[];
  rules: RuleDef[];
  roles: RoleDef[];
}

/** The model with its definitions; those are empty for who may not design. */
export function useDesigns(): Designs | undefined {
  return useModel().data as Designs | undefined;
}

/** All that a formula over an object can name: stored fields, metrics, what the system keeps. */
export function namedFields(model: Model | undefined, object: string): FieldDef[] {
  const found = model?.objects.find((each) => each.key === object);
  if (found === undefined) return [];
  const all = [...found.fields, ...(found.metrics ?? []), ...(found.system_fields ?? [])];
  return all.filter((field, at) => all.findIndex((each) => each.key === field.key) === at);
}

/** The label of an object or of a field, named by key or label; the name itself where the model has lost it. */
export function labelOf(model: Model | undefined, object: string, field?: string): Label {
  const found = model?.objects.find((each) => each.key === object);
  if (field === undefined) return found?.label ?? { zh: object, en: object };
  const named = namedFields(model, object).find(
    (each) => each.key === field || each.label.zh === field || each.label.en === field,
  );
  return named?.label ?? { zh: field, en: field };
}

/** A key made of a name in Latin letters, or of a word and the first number that is free. */
export function freeKey(name: string, word: string, taken: string[], longest = 40): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, longest);
  const base = plain.length >= 2 ? plain : word;
  if (!taken.includes(base) && plain.length >= 2) return base;
  let number = plain.length >= 2 ? 2 : 1;
  while (taken.includes(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}
