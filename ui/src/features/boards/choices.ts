import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { FieldDef } from "../../api/types";
import type { useWords } from "../../app/language";

/** What the pick lists of the board editor offer. */
export interface Choice {
  value: string;
  label: string;
}

type Say = (label: { zh: string; en: string } | null | undefined) => string;
type Words = ReturnType<typeof useWords>["t"];

export const fieldChoices = (fields: FieldDef[], say: Say): Choice[] =>
  fields.map((field) => ({ value: field.key, label: say(field.label) }));

/** Fields, and dates by day, week and month. */
export const groupChoices = (fields: FieldDef[], say: Say, t: Words): Choice[] => [
  ...fieldChoices(fields, say),
  ...fields
    .filter((field) => field.kind === "date" || field.kind === "datetime")
    .flatMap((field) =>
      (["day", "week", "month"] as const).map((bucket) => ({
        value: `${field.key}:${bucket}`,
        label: `${say(field.label)} · ${t(`bucket.${bucket}`)}`,
      })),
    ),
];

export const measureChoices = (fields: FieldDef[], say: Say, t: Words): Choice[] => [
  { value: "count", label: t("countOf") },
  ...fields
    .filter((field) => field.kind === "number" || field.kind === "duration")
    .flatMap((field) =>
      (["sum", "avg", "max"] as const).map((name) => ({
        value: `${name}(${field.key})`,
        label: `${say(field.label)} · ${t(`measure.${name}`)}`,
      })),
    ),
];

export const sortChoices = (fields: FieldDef[], say: Say, t: Words): Choice[] =>
  fields.flatMap((field) => [
    { value: `-${field.key}`, label: t("widgetSortDown", { field: say(field.label) }) },
    { value: field.key, label: t("widgetSortUp", { field: say(field.label) }) },
  ]);

/** What is there already stays chosen, also where the list would not offer it (a formula that somebody wrote). */
export const withGiven = (choices: Choice[], given: readonly (string | null | undefined)[]): Choice[] => [
  ...choices,
  ...given
    .filter((each): each is string => Boolean(each) && !choices.some((choice) => choice.value === each))
    .map((each) => ({ value: each, label: each })),
];

export const useSegments = () =>
  useQuery({
    queryKey: ["segments"],
    queryFn: () => told(api.GET("/api/segments")).then((found) => found.items),
    staleTime: 60_000,
  });
