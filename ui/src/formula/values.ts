/** JSON ⇄ the values that formulas are evaluated with. Blank is null; an empty text is blank. */

import { type Day, type Micros, readDay, readMoment, writeDay, writeMoment } from "./dates";
import { type Num, toNum, toText } from "./decimal";
import type { Point } from "./texts";
import { kindOf, type TypeNote } from "./tree";

/** number and duration: Num; date: Day; datetime: Micros; text, choice and reference: string; list: array. */
export type Value = Num | Day | Micros | string | boolean | readonly Value[] | Point | null;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of the API's JSON; related records may come as `{id, label}`. */
export function readValue(value: unknown, type: TypeNote): Value {
  if (value === null || value === undefined || value === "") return null;
  switch (kindOf(type)) {
    case "number":
    case "duration":
      return toNum(value);
    case "boolean":
      return value === true;
    case "date":
      return typeof value === "string" ? readDay(value) : null;
    case "datetime":
      return typeof value === "string" ? readMoment(value) : null;
    case "reference":
      return String(isObject(value) ? value.id : value).toLowerCase();
    case "list": {
      const item = typeof type === "string" ? "text" : (type.item ?? "text");
      return Array.isArray(value) ? value.map((one) => readValue(one, item)) : null;
    }
    case "point":
      return isObject(value) ? { lat: Number(value.lat), lng: Number(value.lng) } : null;
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** The value as JSON: numbers as text, to stay exact. */
export function writeValue(value: Value, type: TypeNote): unknown {
  if (value === null) return null;
  switch (kindOf(type)) {
    case "number":
    case "duration":
      return toText(value as Num);
    case "date":
      return writeDay(value as Day);
    case "datetime":
      return writeMoment(value as Micros);
    default:
      return value;
  }
}
