import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Fault, FieldDef, FieldValue, Label, Page } from "../../api/types";
import { useAskedEvery } from "../../app/live-context";
import { valueText } from "../../meta/Value";
import { objectsRead } from "./reads";

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
  /** From these on it deserves attention, and is urgent. */
  yellow_from?: number | null;
  red_from?: number | null;
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
/** What can be done about a row where it stands; `of` is the relation that leads to the record it is done about. */
export interface RowAction {
  key: string;
  label: Label;
  does: "timeline" | "form" | "task";
  of: string | null;
  fields: string[];
  roles: string[];
  due: Span | null;
}
export interface Span {
  amount: number;
  unit: "minutes" | "hours" | "days" | "working_days";
}
export interface Listed extends Asking {
  kind: "list";
  sort: string | null;
  fields: string[];
  limit: number;
  actions?: RowAction[];
}
export interface Words extends Common {
  kind: "text";
  text: Label;
}
export type Widget = Figure | Picture | Lights | Listed | Words;

export type Row = Record<string, FieldValue>;
export type Found = FieldValue | Row[] | Page | { key: string; colour: string; n: number }[];

export type Place = "top" | "beside" | "timeline";

/** With `record` it is a panel on the pages of that object's records, at its `place` there. */
export interface BoardName {
  key: string;
  label: Label;
  description: Label | null;
  record: string | null;
  place: Place;
  roles: string[];
}

/** A role that rows' actions ask for help. */
export interface Asked {
  key: string;
  label: string;
}

export interface Drawn {
  board: BoardName;
  asked: Asked[];
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
    refetchInterval: useAskedEvery(20_000),
    meta: { reads: (answer, model) => objectsRead(answer ? [answer as Drawn] : [], model) },
    placeholderData: (before) => (before?.board.key === key ? before : undefined),
  });

/** The panels at a place of a record's page, worked out for this record. */
export const usePanels = (object: string, id: string, place: Place, enabled = true) =>
  useQuery({
    queryKey: ["panels", object, id, place],
    queryFn: () =>
      call<{ items: Drawn[] }>("GET", `/api/records/${object}/${id}/panels?place=${place}`).then(
        (found) => found.items,
      ),
    enabled: enabled && id !== "new",
    retry: false,
    refetchInterval: useAskedEvery(60_000),
    meta: { reads: (answer, model) => objectsRead((answer as Drawn[] | undefined) ?? [], model) },
  });

/** How a figure is judged; nothing where it has no levels. */
export function levelOf(figure: Figure, value: number): "red" | "yellow" | "green" | undefined {
  const { yellow_from: yellow, red_from: red } = figure;
  if (red != null && value >= red) return "red";
  if (yellow != null && value >= yellow) return "yellow";
  return yellow == null && red == null ? undefined : "green";
}

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
