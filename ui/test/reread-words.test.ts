import { expect, test } from "vitest";
import { rereadShare } from "../src/designers/words/words";

const source = (share: number, finished: string | null) => ({
  source: "wecom",
  share,
  since: "2026-08-01T00:00:00Z",
  told: 0,
  finished_at: finished,
});
const DONE = "2026-11-02T00:00:00Z";

test("how far the sources got that still read again, and nothing once all have", () => {
  expect(rereadShare({ items: [], reread: [] })).toBeNull();
  expect(rereadShare({ items: [], reread: [source(1, DONE)] })).toBeNull();
  expect(rereadShare({ items: [], reread: [source(0.2, null), source(0.6, null), source(1, DONE)] })).toBeCloseTo(0.4);
});
