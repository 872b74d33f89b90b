import { describe, expect, it } from "vitest";
import { precision, readWords } from "../src/designers/words/words";
import { changeObject } from "../src/features/model/definition";
import { saidOf, targetOf } from "../src/features/sources/ways";
import { type EntryOffer, fitting, secondsSince } from "../src/features/today/entries";

const label = { zh: "一", en: "one" };
const preset = (key: string) => ({ key, label, color: "blue", moves: [] });
const offer: EntryOffer = {
  object: "follow_up",
  label,
  about: "opportunity",
  asks: [],
  presets: [preset("a"), preset("b"), preset("c")],
  subjects: [
    { id: "1", label: "甲", presets: ["c", "a"] },
    { id: "2", label: "乙", presets: ["b"] },
  ],
};

describe("light entry", () => {
  it("shows the presets that fit the record, in the order of the offer", () => {
    expect(fitting(offer, "1").map((each) => each.key)).toEqual(["a", "c"]);
    expect(fitting(offer, "2").map((each) => each.key)).toEqual(["b"]);
    expect(fitting(offer, undefined)).toEqual([]);
  });
  it("stays with its object when the object is changed on screen", () => {
    const entry = {
      label,
      about: "opportunity",
      presets: [],
      fills: {},
      asks: [],
      seconds: null,
      share: null,
      offered: "own" as const,
    };
    const object = { key: "note", label, title: null, builtin: false, fields: [], light_entry: entry };
    const { before, after } = changeObject(object, { icon: "star" });
    expect(before).toMatchObject({ light_entry: entry, icon: null });
    expect(after).toMatchObject({ light_entry: entry, icon: "star" });
  });
  it("tells whole seconds the API takes, whatever the clock of the phone does", () => {
    expect([secondsSince(0, 12_400), secondsSince(5_000, 0), secondsSince(0, 1e12)]).toEqual([12, 0, 86_400]);
  });
});

describe("signal words", () => {
  it("reads words as people paste them, each once", () => {
    expect(readWords("急要，加急、 急要\n\n 换仓 ;停线")).toEqual(["急要", "加急", "换仓", "停线"]);
  });
  it("tells the precision of what was judged, and nothing before", () => {
    expect(precision({})).toBeUndefined();
    expect(precision({ 0: true, 3: false, 4: true, 9: true })).toBe(0.75);
  });
});

describe("the ways of a mapped field", () => {
  const mapped = { field: "customer", value: "[c]", wins: "source" as const, create_missing: false };
  it("says of a folded line what is set", () => {
    expect(saidOf({ ...mapped, by: ["code"], like: "name", push: "cust" })).toEqual(["found", "compared", "pushed"]);
    expect(saidOf({ ...mapped, by: [], like: null, push: null })).toEqual([]);
  });
  it("knows what a relation, a person and a text lead to", () => {
    const field = (type: string, options: Record<string, unknown> = {}) => ({
      key: "f",
      type,
      label,
      options,
      required: false,
    });
    expect(targetOf(field("relation", { target: "customer" }))).toBe("customer");
    expect([targetOf(field("person")), targetOf(field("text"))]).toEqual(["person", undefined]);
  });
});
