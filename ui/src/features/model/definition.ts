import type {
  FieldDefOutput,
  FormSectionOutput,
  LightEntryOutput,
  PromptsOutput,
  ValidationOutput,
} from "../../api/schema";
import type { FieldDef, Label, ObjectDef } from "../../api/types";
import type { ModelAction } from "../../designers/change/action";

/** A field as the catalogue keeps it; the API's answer has more beside it. */
export type FieldDefinition = FieldDefOutput;
export type Validation = ValidationOutput;
export type FormSection = FormSectionOutput;

/** An object as who manages the model is told of it. */
export type ObjectDesign = ObjectDef & {
  description?: Label | null;
  validations?: Validation[];
  light_entry?: LightEntryOutput | null;
  prompts?: PromptsOutput | null;
  watched?: boolean;
};

export function definitionOf(field: FieldDef): FieldDefinition {
  const known = field as FieldDef & Partial<FieldDefinition>;
  return {
    key: known.key,
    type: known.type,
    label: known.label,
    description: known.description ?? null,
    options: ownOptions(known),
    required: known.required,
    unique: known.unique ?? false,
    default: known.default ?? null,
    visible_when: known.visible_when ?? null,
    searchable: known.searchable ?? false,
    indexed: known.indexed ?? false,
    hint: known.hint ?? null,
    lookup: known.lookup ?? null,
    column: known.column ?? null,
    builtin: known.builtin ?? false,
  };
}

/** The choices that stand for the roles are told beside the definition, and are no part of it. */
function ownOptions({ options }: FieldDef): FieldDef["options"] {
  if (options.source !== "roles") return options;
  const { choices: _, ...own } = options;
  return own;
}

/** What an object is beside its fields and rules. */
export const traitsOf = (object: ObjectDesign) => ({
  label: object.label,
  plural: object.plural ?? null,
  description: object.description ?? null,
  title: object.title,
  icon: object.icon ?? null,
  form: object.form ?? [],
  light_entry: object.light_entry ?? null,
  prompts: object.prompts ?? null,
  watched: object.watched ?? false,
  builtin: object.builtin,
});

export type Traits = ReturnType<typeof traitsOf>;

type ActionOf<Name extends ModelAction["action"]> = Extract<ModelAction, { action: Name }>;

export const changeObject = (object: ObjectDesign, part: Partial<Traits>): ActionOf<"change_object"> => ({
  action: "change_object",
  object: object.key,
  before: traitsOf(object),
  after: { ...traitsOf(object), ...part },
});

export function changeField(object: ObjectDef, before: FieldDef, after: FieldDefinition): ActionOf<"change_field"> {
  const kept = definitionOf(before);
  // Another type may need another column, which is the schema's to choose.
  const column = kept.type === after.type ? kept.column : null;
  return { action: "change_field", object: object.key, before: kept, after: { ...after, column } };
}

/** Takes a field out of the layout and away. */
export function removeField(object: ObjectDesign, field: string): ModelAction[] {
  const form = object.form ?? [];
  const without = form.map((section) => ({ ...section, fields: section.fields.filter((each) => each !== field) }));
  const laidOut = form.some((section) => section.fields.includes(field));
  return [
    ...(laidOut ? [changeObject(object, { form: without })] : []),
    { action: "remove_field", object: object.key, field },
  ];
}
