import type {
  AskedRole,
  BoardDrawn,
  BoardName,
  ChartWidgetOutput,
  FigureWidgetOutput,
  ListWidgetOutput,
  WidgetDrawn,
} from "../../api/schema";
import type { FieldDef, FieldValue, Page } from "../../api/types";
import { valueText } from "../../meta/Value";

/** A widget as the API has it, and as it stands in the designer. */
export type Widget = WidgetDrawn["widget"];
type Of<Kind extends Widget["kind"]> = Extract<Widget, { kind: Kind }>;
export type Figure = FigureWidgetOutput;
export type Picture = ChartWidgetOutput;
export type Lights = Of<"lights">;
export type Association = Of<"association">;
export type Steps = Of<"steps">;
export type Step = Steps["steps"][number];
export type Listed = ListWidgetOutput;
export type Spot = Widget["spot"];
/** What can be done about a row where it stands; `of` is the relation that leads to the record it is done about. */
export type RowAction = Listed["actions"][number];
export type Span = NonNullable<RowAction["due"]>;
/** With `record` it is a panel on the pages of that object's records, at its `place` there. */
export type { BoardName };
export type Place = BoardName["place"];
/** A role that rows' actions ask for help. */
export type Asked = AskedRole;

export type Row = Record<string, FieldValue>;
export type Found = Associated | FieldValue | Row[] | Page | { key: string; colour: string; n: number }[];
/** Two figures of each record and how closely they go together; nothing of the latter where too few have both. */
export interface Associated {
  points: { id: string; x: number; y: number }[];
  fit: {
    n: number;
    slope: number;
    intercept: number;
    r2: number;
    least: number;
    most: number;
    is_clear: boolean;
  } | null;
  cut: boolean;
}
/** What it found has the fields of its records, which the model knows and the description does not. */
export type DrawnWidget = Omit<WidgetDrawn, "found"> & { found: Found };
export type Drawn = Omit<BoardDrawn, "widgets"> & { widgets: DrawnWidget[] };

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
