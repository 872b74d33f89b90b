import { useModel } from "../api/queries";
import type { MetricDefOutput, RuleDefOutput, SegmentDefOutput } from "../api/schema";
import type { Designs, FieldDef, Label, Model } from "../api/types";

export type { Designs };

/** The definitions of the catalogue that the designers read and write, as the API describes them. */
export type MetricDef = MetricDefOutput;
export type Measure = MetricDef["measure"];
export type Window = MetricDef["window"];
export type Comparison = MetricDef["comparison"];
export type ValueKind = MetricDef["gives"];

export type SegmentDef = SegmentDefOutput;
export type SegmentClass = SegmentDef["classes"][number];
export type Colour = SegmentClass["colour"];

export type RuleDef = RuleDefOutput;
export type Trigger = RuleDef["when"];
export type ChangeKind = Extract<Trigger, { kind: "changed" }>["actions"][number];
export type RuleAction = RuleDef["then"][number];
export type ActionOf<Kind extends RuleAction["kind"]> = Extract<RuleAction, { kind: Kind }>;
export type Span = ActionOf<"task">["due"];

/** The model with its definitions; those are empty for who may not design. */
export function useDesigns(): Designs | undefined {
  return useModel().data;
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
