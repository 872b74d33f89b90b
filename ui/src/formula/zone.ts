/** Reading moments in the workspace's zone. The browser's own tables know the zones. */

import { DAY_MICROS, type Day, dayOf, floorDiv, type Micros, momentInSpan } from "./dates";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, format);
  }
  return format;
}

/** What the wall clock of the zone shows, as microseconds of a clock without zone. */
export function localMicros(moment: Micros, zone: string): Micros {
  const seconds = floorDiv(moment, 1_000_000n);
  const parts: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(Number(seconds) * 1000)) parts[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const local = BigInt(dayOf(year, month, day)) * 86_400n + BigInt(hour * 3600 + minute * 60 + second);
  return local * 1_000_000n + (moment - seconds * 1_000_000n);
}

export function localDay(moment: Micros, zone: string): Day {
  return Number(floorDiv(localMicros(moment, zone), DAY_MICROS));
}

/** The moment at which the wall clock shows `local`; of two the later; where the clock skips it, moved on by what it skips. */
export function instantOf(local: Micros, zone: string): Micros | null {
  const before = local - (localMicros(local - DAY_MICROS, zone) - (local - DAY_MICROS));
  const after = local - (localMicros(local + DAY_MICROS, zone) - (local + DAY_MICROS));
  for (const candidate of before < after ? [after, before] : [before, after]) {
    if (localMicros(candidate, zone) === local) return momentInSpan(candidate);
  }
  return momentInSpan(before);
}
