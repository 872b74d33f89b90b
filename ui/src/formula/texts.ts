/** Text: counted in code points; letters A–Z are the only ones whose case is looked at or changed. */

import { fromFloat, type Num, roundTo, toNum, toText, truncate, whole } from "./decimal";

const MOST_TEXT = 65_536;
const MOST_REPEATS = 1_000n;
const UNIT_TEXT = 64;
const SPACES = " \t\n\r\u00a0\u3000";
const NUMBER = /^[ \t\n\r\u00a0\u3000]*([+-]?[0-9]{1,17}(?:[.][0-9]{1,10})?)[ \t\n\r\u00a0\u3000]*$/;

export function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function upper(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** By code point, as the database sorts. */
export function compareText(one: string, other: string): number {
  const left = [...one];
  const right = [...other];
  for (let n = 0; n < Math.min(left.length, right.length); n += 1) {
    const difference = (left[n]?.codePointAt(0) ?? 0) - (right[n]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function count(value: Num): number {
  const found = truncate(value);
  return found > BigInt(MOST_TEXT * 16) ? MOST_TEXT * 16 : Number(found);
}

export function left(text: string, size: Num): string {
  return count(size) < 1 ? "" : [...text].slice(0, count(size)).join("");
}

export function right(text: string, size: Num): string {
  return count(size) < 1 ? "" : [...text].slice(-count(size)).join("");
}

export function middle(text: string, start: Num, size: Num): string {
  if (count(start) < 1 || count(size) < 1) return "";
  return [...text].slice(count(start) - 1, count(start) - 1 + count(size)).join("");
}

export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.includes(text.charAt(start))) start += 1;
  while (end > start && SPACES.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

export function contains(text: string, part: string): boolean {
  return part !== "" && lower(text).includes(lower(part));
}

export function startsWith(text: string, part: string): boolean {
  return part !== "" && lower(text).startsWith(lower(part));
}

export function endsWith(text: string, part: string): boolean {
  return part !== "" && lower(text).endsWith(lower(part));
}

export function find(part: string, text: string): Num | null {
  const at = part === "" ? -1 : lower(text).indexOf(lower(part));
  return at < 0 ? null : whole([...text.slice(0, at)].length + 1);
}

export function replace(text: string, old: string, fresh: string): string {
  if (old === "") return text;
  const put = [...fresh].slice(0, UNIT_TEXT).join("");
  return [...text.split(old).join(put)].slice(0, MOST_TEXT).join("");
}

export function repeat(text: string, times: Num): string {
  const wanted = truncate(times);
  if (wanted < 1n) return "";
  const unit = [...text].slice(0, UNIT_TEXT).join("");
  return unit.repeat(Number(wanted > MOST_REPEATS ? MOST_REPEATS : wanted));
}

export function splitPart(text: string, separator: string, number: Num): string {
  return count(number) < 1 ? "" : (text.split(separator)[count(number) - 1] ?? "");
}

/** With commas between thousands; with places it is rounded to them and shows all of them. */
export function thousands(value: Num, places?: Num): string {
  const shown = places === undefined ? undefined : Number(truncate(places));
  const [whole = "0", fraction = ""] = toText(shown === undefined ? value : roundTo(value, shown, "half")).split(".");
  const decimals = fraction.padEnd(Math.max(shown ?? 0, 0), "0");
  return whole.replace(/[0-9](?=(?:[0-9]{3})+$)/g, "$&,") + (decimals === "" ? "" : `.${decimals}`);
}

export function numberIn(text: string): Num | null {
  const match = NUMBER.exec(text);
  return match === null ? null : toNum(match[1]);
}

const EARTH_RADIUS_KM = 6371.0088;

export type Point = { readonly lat: number; readonly lng: number };

/** Great-circle distance by the haversine formula. */
export function distanceKm(start: Point, end: Point): Num | null {
  const radians = (degrees: number) => (Number(degrees) * Math.PI) / 180;
  const dy = Math.sin((radians(end.lat) - radians(start.lat)) / 2) ** 2;
  const dx = Math.sin((radians(end.lng) - radians(start.lng)) / 2) ** 2;
  const part = dy + Math.cos(radians(start.lat)) * Math.cos(radians(end.lat)) * dx;
  return fromFloat(2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(part))));
}
