import { describe, expect, it } from "vitest";
import type { ObjectDef } from "../src/api/types";
import { AT_ONCE, counted, mostUsed } from "../src/app/navigation";

const objects = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ key: `o${at}` }) as unknown as ObjectDef);
const keys = (found: ObjectDef[]) => found.map((each) => each.key);

describe("the navigation", () => {
  it("shows few objects all at once", () => {
    expect(mostUsed(objects(AT_ONCE + 2), {}).others).toEqual([]);
  });

  it("puts the seldom used away and keeps the company's order", () => {
    const { used, others } = mostUsed(objects(20), { o19: 5, o11: 9 });
    expect(keys(used)).toEqual(["o0", "o1", "o2", "o3", "o4", "o5", "o11", "o19"]);
    expect(used.length + others.length).toBe(20);
    expect(keys(others)).not.toContain("o11");
  });

  it("lets old habits fade", () => {
    let visits: Record<string, number> = { seldom: 1 };
    for (let at = 0; at < 400; at++) visits = counted(visits, "order");
    expect(visits.seldom).toBeUndefined();
    expect(visits.order).toBeLessThanOrEqual(100);
  });
});
