/**
 * Numbers as the server holds them: at most 17 digits before the point and 10 after it, exact.
 * A number is a bigint that counts 10^-10; what leaves the range is blank (null).
 */

export type Num = bigint;

const PLACES = 10;
export const ONE: Num = 10n ** 10n;
const LIMIT: Num = 10n ** 17n * ONE;
const ELEVEN = 10n ** 11n;

export function abs(value: Num): Num {
  return value < 0n ? -value : value;
}

export function inRange(value: Num | null): Num | null {
  return value === null || abs(value) >= LIMIT ? null : value;
}

/** n / d rounded half away from zero. */
function roundedQuotient(n: bigint, d: bigint): bigint {
  const negative = n < 0n !== d < 0n;
  const top = abs(n);
  const bottom = abs(d);
  const quotient = (2n * top + bottom) / (2n * bottom);
  return negative ? -quotient : quotient;
}

export function multiply(left: Num, right: Num): Num | null {
  return inRange(roundedQuotient(left * right, ONE));
}

/** Cut off after eleven places, then rounded to ten: the server's rule. */
export function divide(left: Num, right: Num): Num | null {
  if (right === 0n || abs(left) >= LIMIT || abs(right) >= LIMIT) return null;
  return inRange(roundedQuotient((left * ELEVEN) / right, 10n));
}

/** Reads a number or numeral; null for what is none. More than ten places are rounded. */
export function toNum(value: unknown): Num | null {
  if (typeof value === "bigint") return value * ONE;
  if (typeof value === "number") return Number.isFinite(value) ? fromText(plainNumber(value)) : null;
  return typeof value === "string" ? fromText(value) : null;
}

function plainNumber(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(PLACES) : text;
}

function fromText(text: string): Num | null {
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole, fraction = ""] = match;
  const digits = BigInt(whole + fraction.slice(0, PLACES + 1).padEnd(PLACES + 1, "0"));
  const value = roundedQuotient(digits, 10n);
  return sign === "-" ? -value : value;
}

/** As people write it: no zeros at the end. */
export function toText(value: Num): string {
  const digits = abs(value)
    .toString()
    .padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  const text = digits.slice(0, -PLACES) + (fraction === "" ? "" : `.${fraction}`);
  return value < 0n ? `-${text}` : text;
}

export function toFloat(value: Num): number {
  return Number(toText(value));
}

/** A result of floating point: 12 significant digits. */
export function fromFloat(value: number): Num | null {
  if (!Number.isFinite(value)) return null;
  const [mantissa = "0", exponent = "0"] = value.toExponential(11).split("e");
  const shift = Number(exponent) - 11 + PLACES;
  const digits = BigInt(mantissa.replace(".", ""));
  return inRange(shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, 10n ** BigInt(-shift)));
}

export type Rounding = "half" | "up" | "down" | "floor" | "ceiling";

/** To so many places: half away from zero, away from zero, towards zero, downwards or upwards. */
export function roundTo(value: Num, places: number, rounding: Rounding): Num {
  const step = 10n ** BigInt(PLACES - places);
  const rest = value % step;
  const cut = value - rest;
  if (rest === 0n) return value;
  const away = cut + (value < 0n ? -step : step);
  switch (rounding) {
    case "half":
      return abs(rest) * 2n >= step ? away : cut;
    case "up":
      return away;
    case "down":
      return cut;
    case "floor":
      return value < 0n ? away : cut;
    case "ceiling":
      return value < 0n ? cut : away;
  }
}

/** The whole part, cut off. */
export function truncate(value: Num): bigint {
  return value / ONE;
}

export function whole(value: number | bigint): Num {
  return BigInt(value) * ONE;
}
