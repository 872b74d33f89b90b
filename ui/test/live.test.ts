import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gathering } from "../src/api/gathering";
import { refreshFigures } from "../src/api/live";
import type { Model } from "../src/api/types";
import type { Drawn, Widget } from "../src/features/boards/boards";
import { objectsRead } from "../src/features/boards/reads";

const label = { zh: "商机", en: "Deal" };
const field = (key: string, target?: string) => ({
  key,
  label: { zh: key, en: key },
  type: target ? "relation" : "text",
  options: target ? { target } : {},
});
const model = {
  objects: [
    { key: "deal", fields: [field("customer", "customer"), field("stage")], metrics: [] },
    { key: "customer", fields: [field("team", "team"), field("level")], metrics: [{ key: "health" }] },
  ],
} as unknown as Model;
const drawn = (widget: object) =>
  [{ widgets: [{ widget: { key: "w", label, ...widget } as Widget, found: null, faults: [] }] }] as unknown as Drawn[];
const asked = { object: "deal", filter: null };

describe("what a board reads", () => {
  it("is its widgets' objects and those that their paths lead through", () => {
    const bar = { ...asked, kind: "bar", group_by: ["customer.team.name"], measures: { n: "count" } };
    expect([...objectsRead(drawn(bar), model)].sort()).toEqual(["customer", "deal", "team"]);
    const number = { ...asked, kind: "number", measure: "count", filter: "stage = 'won' AND customer.level = 'a'" };
    expect([...objectsRead(drawn(number), model)].sort()).toEqual(["customer", "deal"]);
  });

  it("is for lights the object of the segment, for a text nothing", () => {
    expect([...objectsRead(drawn({ kind: "lights", segment: "health" }), model)]).toEqual(["customer"]);
    expect([...objectsRead(drawn({ kind: "text", text: label }), model)]).toEqual([]);
  });

  it("is asked anew alone, and only where somebody looks at it", async () => {
    const client = new QueryClient();
    client.setQueryData(["model"], model);
    const times: Record<string, number> = { deals: 0, tickets: 0, closed: 0 };
    const board = (key: string, object: string) => ({
      queryKey: ["board", key],
      queryFn: () => {
        times[key] = (times[key] ?? 0) + 1;
        return drawn({ ...asked, object, kind: "number", measure: "count" });
      },
      meta: { reads: (answer: unknown) => objectsRead(answer as Drawn[], model) },
      staleTime: Number.POSITIVE_INFINITY,
    });
    const leave = [board("deals", "deal"), board("tickets", "ticket")].map((each) =>
      new QueryObserver(client, each).subscribe(() => undefined),
    );
    await client.fetchQuery(board("closed", "deal"));
    await vi.waitFor(() => expect(times).toEqual({ deals: 1, tickets: 1, closed: 1 }));
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));
    refreshFigures(client, new Set(["deal"]));
    await vi.waitFor(() => expect(times).toEqual({ deals: 2, tickets: 1, closed: 1 }));
    for (const each of leave) each();
  });
});

describe("a burst", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is handed on once, after a silence", () => {
    const found: string[][] = [];
    const burst = gathering(100, 1_000, (gathered) => found.push([...gathered]));
    for (const each of ["a", "b", "a"]) {
      burst.add(each);
      vi.advanceTimersByTime(60);
    }
    expect(found).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(found).toEqual([["a", "b"]]);
    burst.stop();
  });

  it("that does not end is handed on all the same", () => {
    let times = 0;
    const burst = gathering(100, 1_000, () => times++);
    for (let at = 0; at < 40; at++) {
      burst.add("a");
      vi.advanceTimersByTime(50);
    }
    expect(times).toBeGreaterThanOrEqual(1);
    expect(times).toBeLessThanOrEqual(2);
    burst.stop();
  });

  it("waits while nobody looks at the page", () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const found: string[][] = [];
    const burst = gathering(100, 1_000, (gathered) => found.push([...gathered]));
    burst.add("a");
    vi.advanceTimersByTime(5_000);
    expect(found).toEqual([]);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(found).toEqual([["a"]]);
    hidden.mockRestore();
    burst.stop();
  });
});
