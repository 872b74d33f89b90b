import type { Spot, Widget } from "./boards";

export type Kind = Widget["kind"];
export const WIDGET_KINDS: readonly Kind[] = [
  "number",
  "gauge",
  "trend",
  "bar",
  "line",
  "funnel",
  "heat",
  "table",
  "lights",
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
  heat: [6, 5],
  table: [6, 5],
  lights: [4, 3],
  list: [6, 5],
  text: [4, 2],
};
export const isAsking = (kind: Kind) => kind !== "lights" && kind !== "text";
export const isPicture = (kind: Kind) => ["trend", "bar", "line", "funnel", "heat", "table"].includes(kind);

/** A key that no other widget of the board has. */
export function freeKey(kind: Kind, taken: readonly string[]): string {
  let n = 1;
  while (taken.includes(`${kind}_${n}`)) n += 1;
  return `${kind}_${n}`;
}

/** Where there is room below everything. */
export function freeSpot(kind: Kind, widgets: readonly Widget[]): Spot {
  const [w, h] = SIZES[kind];
  const y = widgets.reduce((most, each) => Math.max(most, each.spot.y + each.spot.h), 0);
  return { x: 0, y, w, h };
}
