import { describe, expect, it } from "vitest";
import type { RecordRow } from "../src/api/types";
import { placed } from "../src/features/records/moved-cards";

const card = (id: string, stage: string | null): RecordRow => ({ id, version: 1, stage }) as RecordRow;
const ids = (rows: RecordRow[]) => rows.map((each) => each.id);

describe("a card on its way from one lane to another", () => {
  const moved = new Map([["b", card("b", "won")]]);

  it("stands where it was set down and nowhere else, whichever lane is read first", () => {
    const before = { open: [card("a", "open"), card("b", "open")], won: [card("c", "won")] };
    expect(ids(placed(before.open, moved, "stage", "open"))).toEqual(["a"]);
    expect(ids(placed(before.won, moved, "stage", "won"))).toEqual(["b", "c"]);
    const after = [card("c", "won"), card("b", "won")];
    expect(ids(placed(after, moved, "stage", "won"))).toEqual(["c", "b"]);
  });

  it("stands in the lane of those without a value where it was set down there", () => {
    const emptied = new Map([["b", card("b", null)]]);
    expect(ids(placed([], emptied, "stage", ""))).toEqual(["b"]);
    expect(ids(placed([card("b", "open")], emptied, "stage", "open"))).toEqual([]);
  });
});
