/** Working days: a day's place among the sorted working days answers every question. */

import { type Day, readDay } from "./dates";
import { abs, type Num, truncate } from "./decimal";

const MOST_WORKDAYS = 5_000n;
const MOST_DAYS_APART = 36_600;
const kept = new WeakMap<readonly string[], readonly Day[]>();

function daysOf(list: readonly string[]): readonly Day[] {
  let days = kept.get(list);
  if (days === undefined) {
    days = list.map((text) => readDay(text) ?? 0);
    kept.set(list, days);
  }
  return days;
}

/** How many working days there are up to and including `day`. */
function place(days: readonly Day[], day: Day): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? 0) <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Blank over 100 years. */
export function workdaysBetween(list: readonly string[], start: Day, end: Day): number | null {
  if (Math.abs(end - start) > MOST_DAYS_APART) return null;
  const days = daysOf(list);
  return place(days, end) - place(days, start);
}

export function isWorkday(list: readonly string[], day: Day): boolean {
  return workdaysBetween(list, day - 1, day) === 1;
}

/** The working day so many after `day`; before it, if negative. */
export function addWorkdays(list: readonly string[], day: Day, count: Num): Day | null {
  const steps = truncate(count);
  if (abs(steps) > MOST_WORKDAYS) return null;
  if (steps === 0n) return day;
  const days = daysOf(list);
  const from = steps > 0n ? place(days, day) - 1 : place(days, day - 1);
  return days[from + Number(steps)] ?? null;
}
