import { describe, expect, it } from "vitest";
import type { FieldDef, HistoryEntry, RecordRow } from "../src/api/types";
import type { Drawn, Listed } from "../src/features/boards/boards";
import { inOrder, inReadersLanguage, isPartOf, talkOf } from "../src/features/records/timeline";

const list: Listed = {
  kind: "list",
  key: "messages",
  label: { zh: "聊天", en: "Chat" },
  spot: { x: 0, y: 0, w: 4, h: 4 },
  object: "message",
  filter: "customer = '1'",
  sort: "-sent_at,id",
  fields: ["text"],
  limit: 50,
  actions: [],
};
const row = (id: string, sent_at: string | null): RecordRow => ({ id, version: 1, text: id, sent_at });
const panel = (items: RecordRow[], faults: Drawn["widgets"][number]["faults"] = []): Drawn => ({
  board: { key: "talk", label: list.label, description: null, record: "customer", place: "timeline", roles: [] },
  asked: [],
  widgets: [{ widget: list, found: { items, next_cursor: null, count: items.length, count_is_exact: true }, faults }],
});
const entry = (at: string, after: HistoryEntry["after"]): HistoryEntry => ({
  seq: 1,
  at,
  version: 1,
  action: "update",
  actor: null,
  via: "web",
  cause: null,
  before: null,
  after,
});

describe("talk in a timeline", () => {
  it("stands at the moment its list is sorted by, among what else happened", () => {
    const talk = talkOf([panel([row("b", "2026-11-21T10:00:00Z"), row("a", "2026-11-19T10:00:00Z")])]);
    const found = inOrder([entry("2026-11-20T10:00:00Z", { name: "x" })], [], [], talk);
    expect(found.map((each) => (each.kind === "talk" ? each.row.id : each.kind))).toEqual(["b", "change", "a"]);
  });

  it("leaves out rows without a moment and lists that one may not see", () => {
    expect(talkOf([panel([row("a", null)])])).toEqual([]);
    const refused = panel([row("a", "2026-11-19T10:00:00Z")], [{ code: "denied", message: "" }]);
    expect(talkOf([refused])).toEqual([]);
  });
});

describe("parts of a timeline", () => {
  const files = [{ key: "scans", type: "file" } as FieldDef];
  const [change] = inOrder([entry("2026-11-20T10:00:00Z", { scans: ["1"] })], [], []);
  const [other] = inOrder([entry("2026-11-20T10:00:00Z", { name: "x" })], [], []);
  const [task] = inOrder([], [{ id: "t", version: 1, created_at: "2026-11-20T10:00:00Z" }], []);

  it("are talk, work, changes, and changes of files", () => {
    if (change === undefined || other === undefined || task === undefined) throw new Error("three happenings");
    expect([change, other, task].map((each) => isPartOf(each, "file", files))).toEqual([true, false, false]);
    expect([change, other, task].map((each) => isPartOf(each, "work", files))).toEqual([false, false, true]);
    expect([change, other, task].every((each) => isPartOf(each, "all", files))).toBe(true);
  });
});

describe("a change of texts in both languages", () => {
  const field = (key: string) => ({ key, type: "text", label: { zh: `${key} 字段`, en: `${key} field` } }) as FieldDef;
  const fields = [field("title"), field("title_en"), field("due_at")];
  const change = (after: Record<string, string>) => ({ before: null, after }) as unknown as HistoryEntry;
  const keys = (after: Record<string, string>, language: "zh" | "en") =>
    inReadersLanguage(fields, change(after), language).map((each) => each.key);

  it("is told in the reader's own, under the one name", () => {
    const both = { title: "跟进", title_en: "Follow up" };
    expect(keys(both, "zh")).toEqual(["title", "due_at"]);
    expect(keys(both, "en")).toEqual(["title_en", "due_at"]);
    expect(inReadersLanguage(fields, change(both), "en")[0]?.label.en).toBe("title field");
  });

  it("is told in the other where that alone changed", () => {
    expect(keys({ title: "跟进" }, "en")).toEqual(["title", "due_at"]);
    expect(keys({ title_en: "Follow up" }, "zh")).toEqual(["title_en", "due_at"]);
  });
});
