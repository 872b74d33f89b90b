/** The catalogue's functions in the browser, by the server's names. Arguments are never blank but for texts ('' then). */

import * as dates from "./dates";
import { abs, divide, fromFloat, inRange, multiply, type Num, ONE, roundTo, toFloat, truncate, whole } from "./decimal";
import * as texts from "./texts";
import type { Moment } from "./tree";
import type { Value } from "./values";
import { addWorkdays, isWorkday, workdaysBetween } from "./workdays";
import { instantOf, localDay, localMicros } from "./zone";

export type Compute = (args: readonly Value[], moment: Moment) => Value;

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};
const LN_10 = Math.LN10;

// The server has checked the types of all arguments; these tell the compiler.
const num = (value: Value | undefined) => value as Num;
const day = (value: Value | undefined) => value as dates.Day;
const micros = (value: Value | undefined) => value as dates.Micros;
const text = (value: Value | undefined) => value as string;
const point = (value: Value | undefined) => value as texts.Point;

function present(args: readonly Value[]): Num[] {
  return args.filter((arg) => arg !== null).map(num);
}

function rounded(mode: "half" | "up" | "down"): Compute {
  return ([value, places]) => roundTo(num(value), places === undefined ? 0 : Number(truncate(num(places))), mode);
}

function modulo(value: Num, divisor: Num): Num | null {
  if (divisor === 0n) return null;
  const rest = value % divisor;
  return rest !== 0n && rest < 0n !== divisor < 0n ? rest + divisor : rest;
}

function power(base: Num, exponent: Num): Num | null {
  if (exponent === 0n) return ONE;
  if (base === 0n) return exponent > 0n ? 0n : null;
  if (base < 0n && exponent % ONE !== 0n) return null;
  const logarithm = toFloat(exponent) * Math.log(toFloat(abs(base)));
  const size = logarithm > 40 ? null : fromFloat(Math.exp(Math.max(logarithm, -60)));
  return size !== null && base < 0n && truncate(exponent) % 2n !== 0n ? -size : size;
}

function sum(args: readonly Value[]): Num | null {
  const found = present(args);
  return found.length === 0 ? null : found.reduce((one, other) => one + other, 0n);
}

function average(args: readonly Value[]): Num | null {
  const total = inRange(sum(args));
  return total === null ? null : divide(total, whole(present(args).length));
}

function makeDate(year: Num, month: Num, date: Num): dates.Day | null {
  const [y, m, d] = [year, month, date].map((part) => Number(truncate(part)));
  if (y === undefined || m === undefined || d === undefined) return null;
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > dates.daysInMonth(y, m)) return null;
  return dates.dayOf(y, m, d);
}

function momentOf(args: readonly Value[], moment: Moment): dates.Micros | null {
  const [hour = 0, minute = 0, second = 0] = args.slice(1).map((part) => Number(truncate(num(part))));
  const isNegative = args.slice(1).some((part) => num(part) < 0n);
  if (isNegative || hour > 23 || minute > 59 || second > 59) return null;
  const seconds = BigInt(hour * 3600 + minute * 60 + second);
  return instantOf(BigInt(day(args[0])) * dates.DAY_MICROS + seconds * 1_000_000n, moment.zone);
}

function clockPart(value: Value | undefined, moment: Moment, size: number, most: number): Num {
  const seconds = Number(localMicros(micros(value), moment.zone) / 1_000_000n);
  return whole(((Math.floor(seconds / size) % most) + most) % most);
}

function datePart(pick: (civil: dates.Civil) => number): Compute {
  return ([value]) => whole(pick(dates.civil(day(value))));
}

function textTest(test: (text: string, part: string) => boolean): Compute {
  return ([value, part]) => test(text(value), text(part));
}

export const FUNCTIONS: Readonly<Record<string, Compute>> = {
  ROUND: (args, moment) => inRange(num(rounded("half")(args, moment))),
  ROUND_UP: (args, moment) => inRange(num(rounded("up")(args, moment))),
  ROUND_DOWN: rounded("down"),
  ABS: ([value]) => abs(num(value)),
  INT: ([value]) => inRange(roundTo(num(value), 0, "floor")),
  FLOOR: ([value]) => inRange(roundTo(num(value), 0, "floor")),
  CEILING: ([value]) => inRange(roundTo(num(value), 0, "ceiling")),
  SIGN: ([value]) => (num(value) > 0n ? ONE : num(value) < 0n ? -ONE : 0n),
  MOD: ([value, divisor]) => modulo(num(value), num(divisor)),
  POWER: ([base, exponent]) => inRange(power(num(base), num(exponent))),
  SQRT: ([value]) => (num(value) < 0n ? null : fromFloat(Math.sqrt(toFloat(num(value))))),
  LN: ([value]) => (num(value) <= 0n ? null : fromFloat(Math.log(toFloat(num(value))))),
  LOG10: ([value]) => (num(value) <= 0n ? null : fromFloat(Math.log(toFloat(num(value))) / LN_10)),
  EXP: ([value]) => (num(value) > 40n * ONE ? null : fromFloat(Math.exp(Math.max(toFloat(num(value)), -60)))),
  SUM: (args) => inRange(sum(args)),
  AVERAGE: average,
  MIN: (args) => present(args).reduce<Num | null>((least, one) => (least === null || one < least ? one : least), null),
  MAX: (args) => present(args).reduce<Num | null>((most, one) => (most === null || one > most ? one : most), null),
  CLAMP: ([value, low, high]) => {
    const capped = num(value) < num(high) ? num(value) : num(high);
    return capped < num(low) ? num(low) : capped;
  },
  LEN: ([value]) => whole([...text(value)].length),
  LEFT: ([value, size]) => texts.left(text(value), num(size)),
  RIGHT: ([value, size]) => texts.right(text(value), num(size)),
  MID: ([value, start, size]) => texts.middle(text(value), num(start), num(size)),
  UPPER: ([value]) => texts.upper(text(value)),
  LOWER: ([value]) => texts.lower(text(value)),
  TRIM: ([value]) => texts.trim(text(value)),
  CONTAINS: textTest(texts.contains),
  STARTS_WITH: textTest(texts.startsWith),
  ENDS_WITH: textTest(texts.endsWith),
  FIND: ([part, value]) => texts.find(text(part), text(value)),
  REPLACE: ([value, old, fresh]) => texts.replace(text(value), text(old), text(fresh)),
  THOUSANDS: ([value, places]) => texts.thousands(num(value), places === undefined ? undefined : num(places)),
  VALUE: ([value]) => texts.numberIn(text(value)),
  SPLIT_PART: ([value, separator, number]) => texts.splitPart(text(value), text(separator), num(number)),
  REPEAT: ([value, times]) => texts.repeat(text(value), num(times)),
  DATE: ([value], moment) => localDay(micros(value), moment.zone),
  MAKE_DATE: ([year, month, date]) => makeDate(num(year), num(month), num(date)),
  DATETIME: momentOf,
  YEAR: datePart(({ year }) => year),
  QUARTER: datePart(({ month }) => Math.floor((month + 2) / 3)),
  MONTH: datePart(({ month }) => month),
  DAY: datePart((civil) => civil.day),
  WEEKDAY: ([value]) => whole(dates.weekday(day(value))),
  WEEK: ([value]) => whole(dates.week(day(value))),
  HOUR: ([value], moment) => clockPart(value, moment, 3600, 24),
  MINUTE: ([value], moment) => clockPart(value, moment, 60, 60),
  HOURS_BETWEEN: ([start, end]) => divide(dates.secondsBetween(micros(start), micros(end)), whole(3600)),
  MONTHS_BETWEEN: ([start, end]) => whole(dates.monthsBetween(day(start), day(end))),
  ADD_MONTHS: ([value, count]) => dates.addMonths(day(value), num(count)),
  START_OF: ([value, period]) => dates.periodEdge(day(value), text(period), false),
  END_OF: ([value, period]) => dates.periodEdge(day(value), text(period), true),
  DURATION: ([count, unit]) => {
    const seconds = multiply(num(count), whole(UNIT_SECONDS[text(unit)] ?? 0));
    return seconds === null ? null : dates.toMicros(seconds);
  },
  WORKDAYS_BETWEEN: ([start, end], moment) => {
    const count = workdaysBetween(moment.workingDays, day(start), day(end));
    return count === null ? null : whole(count);
  },
  ADD_WORKDAYS: ([value, count], moment) => addWorkdays(moment.workingDays, day(value), num(count)),
  IS_WORKDAY: ([value], moment) => isWorkday(moment.workingDays, day(value)),
  DISTANCE_KM: ([start, end]) => {
    const distance = texts.distanceKm(point(start), point(end));
    return distance === null ? null : roundTo(distance, 3, "half");
  },
  LONGITUDE: ([value]) => fromFloat(point(value).lng),
  LATITUDE: ([value]) => fromFloat(point(value).lat),
};

/** Functions that are given blanks as they are. */
export const SEES_BLANK: ReadonlySet<string> = new Set(["SUM", "AVERAGE", "MIN", "MAX"]);

/** Functions whose text parameters get '' for blank, with the places of those parameters. */
export const TEXT_PLACES: Readonly<Record<string, readonly number[]>> = {
  LEN: [0],
  LEFT: [0],
  RIGHT: [0],
  MID: [0],
  UPPER: [0],
  LOWER: [0],
  TRIM: [0],
  CONTAINS: [0, 1],
  STARTS_WITH: [0, 1],
  ENDS_WITH: [0, 1],
  FIND: [0, 1],
  REPLACE: [0, 1, 2],
  VALUE: [0],
  SPLIT_PART: [0],
  REPEAT: [0],
  MATCHES: [0],
};
