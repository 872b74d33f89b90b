/**
 * Dates and moments: a date is a day number (0 is 1970-01-01), a moment counts microseconds since 1970-01-01 UTC.
 * Dates run from 0001-01-02 to 9999-12-30; what leaves that range is blank.
 */

import { abs, type Num, ONE, roundTo, truncate } from "./decimal";

export type Day = number;
export type Micros = bigint;

export const DAY_MICROS = 86_400_000_000n;
const MOST_DAYS = 4_000_000n;
const MOST_MONTHS = 12_000n;
const MOST_SECONDS = 200n * 366n * 86_400n;

export type Civil = { readonly year: number; readonly month: number; readonly day: number };

/** Days from civil, after Howard Hinnant's chrono algorithms. */
export function dayOf(year: number, month: number, day: number): Day {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function civil(day: Day): Civil {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const dayOfMonth = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfMonth };
}

const FIRST = dayOf(1, 1, 2);
const LAST = dayOf(9999, 12, 30);

export function dayInSpan(day: Day): Day | null {
  return day >= FIRST && day <= LAST ? day : null;
}

export function momentInSpan(moment: Micros): Micros | null {
  return moment > BigInt(FIRST) * DAY_MICROS && moment < BigInt(LAST) * DAY_MICROS ? moment : null;
}

export function daysInMonth(year: number, month: number): number {
  return month === 12 ? 31 : dayOf(year, month + 1, 1) - dayOf(year, month, 1);
}

export function readDay(text: string): Day | null {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  return match === null ? null : dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

export function writeDay(day: Day): string {
  const { year, month, day: date } = civil(day);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`;
}

export function pad(value: number, size: number): string {
  return String(value).padStart(size, "0");
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** ISO 8601 with an offset (UTC where there is none). */
export function readMoment(text: string): Micros | null {
  const match = MOMENT.exec(text);
  const day = match?.[1] === undefined ? null : readDay(match[1]);
  if (match === null || day === null) return null;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? "0");
  const micros = BigInt((match[5] ?? "").padEnd(6, "0"));
  return BigInt(day) * DAY_MICROS + BigInt(seconds - offsetSeconds(match[6] ?? "Z")) * 1_000_000n + micros;
}

function offsetSeconds(text: string): number {
  if (text === "Z") return 0;
  const digits = text.slice(1).replace(":", "").padEnd(4, "0");
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return text.startsWith("-") ? -seconds : seconds;
}

export function writeMoment(moment: Micros): string {
  const day = Number(floorDiv(moment, DAY_MICROS));
  const rest = moment - BigInt(day) * DAY_MICROS;
  const seconds = Number(rest / 1_000_000n);
  const micros = Number(rest % 1_000_000n);
  return `${writeDay(day)}T${clock(seconds)}.${pad(micros, 6)}+00:00`;
}

function clock(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => pad(part, 2))
    .join(":");
}

export function floorDiv(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right < 0n ? quotient - 1n : quotient;
}

/** Fractions of a day are cut off. */
export function addDays(day: Day, count: Num): Day | null {
  const days = truncate(count);
  return abs(days) > MOST_DAYS ? null : dayInSpan(day + Number(days));
}

export function addMonths(day: Day, count: Num): Day | null {
  const months = truncate(count);
  if (abs(months) > MOST_MONTHS) return null;
  const start = civil(day);
  const total = start.year * 12 + start.month - 1 + Number(months);
  const year = Math.floor(total / 12);
  const month = total - year * 12 + 1;
  if (year < 1 || year > 9999) return null;
  return dayInSpan(dayOf(year, month, Math.min(start.day, daysInMonth(year, month))));
}

/** The moment so many seconds later; blank from 200 years on. */
export function addSeconds(moment: Micros, seconds: Num): Micros | null {
  const micros = toMicros(seconds);
  return abs(micros) >= MOST_SECONDS * ONE ? null : momentInSpan(moment + micros / 10_000n);
}

/** A duration rounded half away from zero to six places. */
export function toMicros(seconds: Num): Num {
  return roundTo(seconds, 6, "half");
}

export function secondsBetween(start: Micros, end: Micros): Num {
  return (end - start) * 10_000n;
}

export function weekday(day: Day): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** The ISO 8601 week: that of the week's Thursday. */
export function week(day: Day): number {
  const thursday = day - weekday(day) + 4;
  return Math.floor((thursday - dayOf(civil(thursday).year, 1, 1)) / 7) + 1;
}

export function monthsBetween(start: Day, end: Day): number {
  if (end < start) return -monthsBetween(end, start);
  const a = civil(start);
  const b = civil(end);
  const months = (b.year - a.year) * 12 + b.month - a.month;
  return b.day < Math.min(a.day, daysInMonth(b.year, b.month)) ? months - 1 : months;
}

export function periodEdge(day: Day, period: string, atEnd: boolean): Day | null {
  if (period === "day") return day;
  if (period === "week") return dayInSpan(day - weekday(day) + (atEnd ? 7 : 1));
  const { year, month } = civil(day);
  const size = period === "month" ? 1 : period === "quarter" ? 3 : 12;
  const first = Math.floor((month - 1) / size) * size + 1;
  if (!atEnd) return dayOf(year, first, 1);
  const last = first + size - 1;
  return dayOf(year, last, daysInMonth(year, last));
}
