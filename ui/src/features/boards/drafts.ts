import type { Label } from "../../api/types";
import { both } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";
import type { Spot, Step, Widget } from "./boards";

export const COLUMNS = 12;
const TALLEST = 40;

export type Kind = Widget["kind"];
export const WIDGET_KINDS: readonly Kind[] = [
  "number",
  "gauge",
  "trend",
  "bar",
  "line",
  "funnel",
  "steps",
  "heat",
  "table",
  "lights",
  "association",
  "list",
  "text",
];

const SIZES: Record<Kind, [number, number]> = {
  number: [3, 2],
  gauge: [3, 2],
  trend: [6, 4],
  bar: [6, 4],
  line: [6, 4],
  funnel: [4, 5],
  steps: [6, 4],
  heat: [6, 5],
  table: [6, 5],
  lights: [4, 3],
  association: [6, 6],
  list: [6, 5],
  text: [4, 2],
};
export const isPicture = (kind: Kind) => ["trend", "bar", "line", "funnel", "heat", "table"].includes(kind);

/** A step that everything comes through until somebody says what has to hold. */
export const newStep = (taken: readonly string[]): Step => ({
  key: numberedKey("step", taken),
  label: { zh: "", en: "" },
  when: null,
});

/** Where there is room below everything. */
export function freeSpot(kind: Kind, widgets: readonly Widget[]): Spot {
  const [w, h] = SIZES[kind];
  const y = widgets.reduce((most, each) => Math.max(most, each.spot.y + each.spot.h), 0);
  return { x: 0, y, w, h };
}

/** A spot moved by a step or, stretched, with its lower right corner moved; it stays on the grid. */
export function nudged(spot: Spot, [dx, dy]: readonly [number, number], stretch: boolean): Spot {
  const within = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
  return stretch
    ? { ...spot, w: within(spot.w + dx, 1, COLUMNS - spot.x), h: within(spot.h + dy, 1, TALLEST) }
    : { ...spot, x: within(spot.x + dx, 0, COLUMNS - spot.w), y: Math.max(0, spot.y + dy) };
}

/** A widget as it is before anybody says what it shows. */
export function fresh(kind: Kind, key: string, widgets: readonly Widget[], label: Label): Widget {
  const common = { key, kind, label, spot: freeSpot(kind, widgets) };
  if (kind === "text") return { ...common, kind, text: label };
  if (kind === "lights") return { ...common, kind, segment: "" };
  const asking = { ...common, object: "", filter: null };
  if (kind === "steps") return { ...asking, kind, steps: [newStep([]), newStep(["step_1"])] };
  if (kind === "number" || kind === "gauge")
    return {
      ...asking,
      kind,
      measure: "count",
      unit: null,
      target: kind === "gauge" ? 100 : null,
      yellow_from: null,
      red_from: null,
    };
  if (kind === "association") return { ...asking, kind, x: "", y: "" };
  if (kind === "list") return { ...asking, kind, sort: null, fields: [], limit: 10, actions: [] };
  return { ...asking, kind, group_by: [], measures: { n: "count" }, sort: null, limit: 50 };
}

/** A widget as it is sent: each name in both languages. */
export const finished = (widget: Widget): Widget => ({
  ...widget,
  label: both(widget.label),
  ...("steps" in widget && { steps: widget.steps.map((each) => ({ ...each, label: both(each.label) })) }),
});

/** The same measures by name: a name stays with its measure, so that what is ordered by it stays so. */
export function named(chosen: readonly string[], before: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const text of chosen) {
    const kept = Object.entries(before).find(([, each]) => each === text)?.[0];
    let name = kept ?? (text === "count" ? "n" : "m1");
    for (let n = 1; kept === undefined && (name in found || name in before); n += 1) name = `m${n}`;
    found[name] = text;
  }
  return found;
}
