import type { FieldValue } from "../api/types";
import { isReference } from "./Value";

/** The filter whose records are behind a group: the one given and the group's value. Undefined where none says it. */
export function drillFilter(filter: string | null, group: string, value: FieldValue | undefined): string | undefined {
  const [path = group, bucket] = group.split(":");
  const own = groupCondition(path, bucket, value);
  return narrowed(filter, own);
}

/** The filter of what two filters both let through; undefined where neither says anything. */
export function narrowed(filter: string | null | undefined, also: string | null | undefined): string | undefined {
  return filter && also ? `(${filter}) AND (${also})` : filter || also || undefined;
}

function groupCondition(path: string, bucket: string | undefined, value: FieldValue | undefined): string | undefined {
  if (value === null || value === undefined) return `${path} IS BLANK`;
  if (isReference(value)) return `${path} = '${value.id}'`;
  if (typeof value === "boolean") return `${path} = ${value ? "TRUE" : "FALSE"}`;
  if (typeof value === "number") return `${path} = ${value}`;
  if (typeof value !== "string") return undefined;
  if (bucket === undefined) return `${path} = '${value.replaceAll("'", "''")}'`;
  const from = value.slice(0, 10);
  return `${path} >= '${from}' AND ${path} < '${bucketEnd(from, bucket)}'`;
}

/** The first day after a bucket that begins on a day. */
export function bucketEnd(from: string, bucket: string): string {
  const [year = 0, month = 1, day = 1] = from.split("-").map(Number);
  const end = {
    day: Date.UTC(year, month - 1, day + 1),
    week: Date.UTC(year, month - 1, day + 7),
    month: Date.UTC(year, month, 1),
    quarter: Date.UTC(year, month + 2, 1),
    year: Date.UTC(year + 1, 0, 1),
  }[bucket];
  return new Date(end ?? Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
