import type { Day } from "./queries";

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  day: string;
  hits: number;
}

export interface Chart {
  width: number;
  height: number;
  bars: Bar[];
  /** Lines at round numbers of hits. */
  ticks: { y: number; value: number }[];
  /** Days that are named below. */
  names: { x: number; day: string }[];
}

const LEFT = 28;
const BELOW = 18;
const ABOVE = 6;

/** Where each day's bar stands, in a drawing of the given size. */
export function hitsChart(days: Pick<Day, "day" | "hits">[], width: number, height: number): Chart {
  const most = Math.max(1, ...days.map((each) => each.hits));
  const step = roundStep(most);
  const top = Math.ceil(most / step) * step;
  const slot = days.length === 0 ? 0 : (width - LEFT) / days.length;
  const floor = height - BELOW;
  const tall = floor - ABOVE;
  const y = (hits: number) => floor - (hits / top) * tall;
  const bars = days.map(({ day, hits }, at) => ({
    x: LEFT + at * slot + slot * 0.15,
    y: y(hits),
    width: Math.max(0.5, slot * 0.7),
    height: floor - y(hits),
    day,
    hits,
  }));
  const ticks: Chart["ticks"] = [];
  for (let value = 0; value <= top; value += step) ticks.push({ y: y(value), value });
  const every = Math.max(1, Math.ceil(days.length / Math.max(1, Math.floor((width - LEFT) / 90))));
  const names = days
    .map(({ day }, at) => ({ x: LEFT + (at + 0.5) * slot, day, at }))
    .filter(({ at }) => at % every === 0)
    .map(({ x, day }) => ({ x, day }));
  return { width, height, bars, ticks, names };
}

/** A step of 1, 2 or 5 times a power of ten that cuts `most` into at most four. */
export function roundStep(most: number): number {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power * 10;
}
