import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Fault, FieldDef, FieldValue, Label, ObjectDef, Page } from "../../api/types";
import { isReference, valueText } from "../../meta/Value";

export interface Spot {
  x: number;
  y: number;
  w: number;
  h: number;
}

interface Common {
  key: string;
  label: Label;
  spot: Spot;
}
interface Asking extends Common {
  object: string;
  filter: string | null;
}
export interface Figure extends Asking {
  kind: "number" | "gauge";
  measure: string;
  unit: Label | null;
  target: number | null;
}
export interface Picture extends Asking {
  kind: "bar" | "line" | "trend" | "funnel" | "heat" | "table";
  group_by: string[];
  measures: Record<string, string>;
  sort: string | null;
  limit: number;
}
export interface Lights extends Common {
  kind: "lights";
  segment: string;
}
export interface Listed extends Asking {
  kind: "list";
  sort: string | null;
  fields: string[];
  limit: number;
}
export interface Words extends Common {
  kind: "text";
  text: Label;
}
export type Widget = Figure | Picture | Lights | Listed | Words;

export type Row = Record<string, FieldValue>;
export type Found = FieldValue | Row[] | Page | { key: string; colour: string; n: number }[];

export interface BoardName {
  key: string;
  label: Label;
  description: Label | null;
}

export interface Drawn {
  board: BoardName;
  widgets: { widget: Widget; found: Found; faults: Fault[] }[];
}

export const useBoards = () =>
  useQuery({
    queryKey: ["boards"],
    queryFn: () => call<{ items: BoardName[] }>("GET", "/api/boards").then((found) => found.items),
    staleTime: 60_000,
  });

export const useBoard = (key: string) =>
  useQuery({
    queryKey: ["board", key],
    queryFn: () => call<Drawn>("GET", `/api/boards/${key}`),
    refetchInterval: 60_000,
    placeholderData: (before) => (before?.board.key === key ? before : undefined),
  });

/** The column of an answer that a grouping makes: the last part of the path, without its bucket. */
export const columnOf = (group: string) => (group.split(":")[0] ?? group).split(".").at(-1) ?? group;

/** The field at the end of a path from an object. */
export function fieldAt(objects: ObjectDef[], object: string, path: string): FieldDef | undefined {
  const keys = (path.split(":")[0] ?? path).split(".");
  let owner: string | undefined = object;
  let field: FieldDef | undefined;
  for (const key of keys) {
    const definition: ObjectDef | undefined = objects.find((each) => each.key === owner);
    field = [...(definition?.fields ?? []), ...(definition?.system_fields ?? []), ...(definition?.metrics ?? [])].find(
      (each) => each.key === key,
    );
    owner = field?.type === "person" || field?.type === "team" ? field.type : String(field?.options.target ?? "");
  }
  return field;
}

/** What stands at a group's place on an axis. */
export function groupText(
  value: FieldValue | undefined,
  group: string,
  field: FieldDef | undefined,
  language: "zh" | "en",
): string {
  if (value === null || value === undefined) return language === "zh" ? "（空）" : "(blank)";
  const bucket = group.split(":")[1];
  if (bucket !== undefined && typeof value === "string")
    return value.slice(0, bucket === "year" ? 4 : bucket === "month" || bucket === "quarter" ? 7 : 10);
  return field ? valueText(field, value, language) : String(value);
}

/** The filter whose records are behind a group: the widget's own and the group's value. Undefined where none says it. */
export function drillFilter(filter: string | null, group: string, value: FieldValue | undefined): string | undefined {
  const [path = group, bucket] = group.split(":");
  const own = groupCondition(path, bucket, value);
  return own === undefined ? (filter ?? undefined) : filter ? `(${filter}) AND ${own}` : own;
}

function groupCondition(path: string, bucket: string | undefined, value: FieldValue | undefined): string | undefined {
  if (value === null || value === undefined) return `${path} IS BLANK`;
  if (isReference(value)) return `${path} = '${value.id}'`;
  if (typeof value === "boolean") return `${path} = ${value ? "TRUE" : "FALSE"}`;
  if (typeof value === "number") return `${path} = ${value}`;
  if (typeof value !== "string") return undefined;
  if (bucket === undefined) return `${path} = '${value.replaceAll("'", "''")}'`;
  const from = value.slice(0, 10);
  return `${path} >= '${from}' AND ${path} < '${bucketEnd(from, bucket)}'`;
}

/** The first day after a bucket that begins on a day. */
export function bucketEnd(from: string, bucket: string): string {
  const [year = 0, month = 1, day = 1] = from.split("-").map(Number);
  const end = {
    day: Date.UTC(year, month - 1, day + 1),
    week: Date.UTC(year, month - 1, day + 7),
    month: Date.UTC(year, month, 1),
    quarter: Date.UTC(year, month + 2, 1),
    year: Date.UTC(year + 1, 0, 1),
  }[bucket];
  return new Date(end ?? Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** A number as it is read in the company: 万 and 亿 in Chinese, thousands and millions in English. */
export function shortNumber(value: number, language: "zh" | "en"): { text: string; unit: string } {
  const steps: [number, string][] =
    language === "zh"
      ? [
          [1e8, "亿"],
          [1e4, "万"],
        ]
      : [
          [1e9, "bn"],
          [1e6, "m"],
          [1e4, "k"],
        ];
  for (const [size, unit] of steps) {
    const divisor = unit === "k" ? 1000 : size;
    if (Math.abs(value) >= size)
      return { text: (value / divisor).toLocaleString("en", { maximumFractionDigits: 1 }), unit };
  }
  return { text: value.toLocaleString("en", { maximumFractionDigits: 2 }), unit: "" };
}
