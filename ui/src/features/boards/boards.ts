import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Fault, FieldDef, FieldValue, Label, Page } from "../../api/types";
import { valueText } from "../../meta/Value";

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
