import type { HushOutput, PromptOutput, PromptsOutput } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { both } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";
import { targetOf } from "../../meta/target";
import type { ObjectDesign } from "../model/definition";

export type Prompts = PromptsOutput;
export type Prompt = PromptOutput;
export type Hush = HushOutput;

export const MOST_PROMPTS = 30;
export const MOST_HUSHES = 20;
export const MOST_FIELDS = 5;
export const LONGEST_DAYS = 365;

// What the system works out by itself is nobody's to fill in.
const WORKED_OUT = new Set(["formula", "auto_number", "metric"]);

/** The fields that a person can be asked to fill in. */
export const askable = (object: ObjectDef): FieldDef[] => object.fields.filter((each) => !WORKED_OUT.has(each.type));

/** The business objects of which nothing is asked yet. */
export const withoutPrompts = (objects: readonly ObjectDesign[]): ObjectDesign[] =>
  objects.filter((each) => !each.builtin && each.prompts == null && askable(each).length > 0);

export const newPrompts = (): Prompts => ({ items: [newPrompt([])], hush: [] });

export const newPrompt = (taken: readonly Prompt[]): Prompt => ({
  key: numberedKey(
    "prompt",
    taken.map((each) => each.key),
  ),
  label: { zh: "", en: "" },
  fields: [],
  when: null,
  after: [],
  days: 3,
});

/** What holds questions back: something that happened, or a record that is open. */
export type HushKind = "event" | "record";
export const kindOf = (hush: Hush): HushKind => (hush.object === null ? "event" : "record");

export const newHush = (): Hush => ({
  label: { zh: "", en: "" },
  event: "",
  days: 7,
  object: null,
  by: null,
  when: null,
});

/** The other kind of it, with what stands to reason chosen: the first object that leads to the one asked about. */
export function turned(hush: Hush, kind: HushKind, leading: readonly Leading[]): Hush {
  if (kind === "event") return { ...hush, event: "", object: null, by: null, when: null };
  const first = leading[0];
  return { ...hush, event: null, object: first?.object.key ?? "", by: first?.fields[0]?.key ?? "" };
}

/** An object whose records name the one asked about, and the relations by which they do. */
export interface Leading {
  object: ObjectDef;
  fields: FieldDef[];
}

export const leadingTo = (objects: readonly ObjectDef[], about: string): Leading[] =>
  objects
    .map((object) => ({ object, fields: object.fields.filter((each) => targetOf(each) === about) }))
    .filter(({ fields }) => fields.length > 0);

/** The condition under which it is asked, as a formula: where none is given, where one of its fields is blank. */
export const askedWhen = ({ when, fields }: Prompt): string =>
  when?.trim() || fields.map((each) => `[${each}] IS BLANK`).join(" OR ");

/** As it is sent: names in both languages, nothing that was begun and left blank. */
export const finished = (prompts: Prompts): Prompts => ({
  items: prompts.items.map((each) => ({ ...each, label: both(each.label), when: each.when?.trim() || null })),
  hush: prompts.hush.map((each) => ({ ...each, label: both(each.label), when: each.when?.trim() || null })),
});

/** Whether each has a name and what it is about; what lacks them could neither be shown nor take effect. */
export const isWhole = ({ items, hush }: Prompts): boolean =>
  items.every((each) => isNamed(each.label) && each.fields.length > 0) &&
  hush.every((each) => isNamed(each.label) && (each.event !== "" || each.object !== null) && each.object !== "");

const isNamed = (label: Prompt["label"]) => Boolean(label.zh || label.en);
