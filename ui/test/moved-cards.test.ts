import { describe, expect, it } from "vitest";
import type { RecordRow } from "../src/api/types";
import { latestOf, placed } from "../src/features/records/moved-cards";

const card = (id: string, stage: string | null, version = 1): RecordRow => ({ id, version, stage }) as RecordRow;
const NONE = new Map<string, number>();
const ids = (rows: RecordRow[]) => rows.map((each) => each.id);

describe("a card on its way from one lane to another", () => {
  const moved = new Map([["b", card("b", "won")]]);

  it("stands where it was set down and nowhere else, whichever lane is read first", () => {
    const before = { open: [card("a", "open"), card("b", "open")], won: [card("c", "won")] };
    expect(ids(placed(before.open, moved, NONE, "stage", "open"))).toEqual(["a"]);
    expect(ids(placed(before.won, moved, NONE, "stage", "won"))).toEqual(["b", "c"]);
    const after = [card("c", "won"), card("b", "won")];
    expect(ids(placed(after, moved, NONE, "stage", "won"))).toEqual(["c", "b"]);
  });

  it("stands in the lane of those without a value where it was set down there", () => {
    const emptied = new Map([["b", card("b", null)]]);
    expect(ids(placed([], emptied, NONE, "stage", ""))).toEqual(["b"]);
    expect(ids(placed([card("b", "open")], emptied, NONE, "stage", "open"))).toEqual([]);
  });

  it("stands in one lane where two have read it at different moments: the later one is right", () => {
    const lanes = { open: [card("a", "open"), card("b", "open", 4)], won: [card("b", "won", 5)] };
    const latest = latestOf(Object.values(lanes));
    expect(ids(placed(lanes.open, new Map(), latest, "stage", "open"))).toEqual(["a"]);
    expect(ids(placed(lanes.won, new Map(), latest, "stage", "won"))).toEqual(["b"]);
  });

  it("stands where another has set it down since, and in no lane beside that", () => {
    const mine = new Map([["b", card("b", "won", 5)]]);
    const lanes = { open: [], won: [card("b", "won", 5)], lost: [card("b", "lost", 6)] };
    const latest = latestOf(Object.values(lanes));
    expect(ids(placed(lanes.won, mine, latest, "stage", "won"))).toEqual([]);
    expect(ids(placed(lanes.lost, mine, latest, "stage", "lost"))).toEqual(["b"]);
    // Not yet told of, it stands where it was set down.
    expect(ids(placed([], mine, latestOf([lanes.won]), "stage", "won"))).toEqual(["b"]);
  });
});
