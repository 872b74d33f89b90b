import { describe, expect, it } from "vitest";
import type { FieldDef, HistoryEntry, ObjectDef } from "../src/api/types";
import { backTo, moments } from "../src/features/records/as-of";
import { nameIn, sizeText } from "../src/features/records/file-notes";
import { isAdvised, isShown, momentOf } from "../src/features/records/live-form";
import { filterOf, relatedLists } from "../src/features/records/related-lists";
import { sectionsOf } from "../src/features/records/sections";
import { inOrder } from "../src/features/records/timeline";
import type { FormulaDocument } from "../src/formula";

const field = (key: string, more: Partial<FieldDef> = {}): FieldDef => ({
  key,
  type: "text",
  label: { zh: key, en: key },
  options: {},
  required: false,
  ...more,
});
const object = (key: string, fields: FieldDef[], more: Partial<ObjectDef> = {}): ObjectDef => ({
  key,
  label: { zh: key, en: key },
  title: "name",
  fields,
  builtin: false,
  ...more,
});
const keys = (fields: FieldDef[]) => fields.map((each) => each.key);

describe("sections of a record page", () => {
  const fields = [field("phone"), field("name"), field("code", { required: true })];

  it("has the title and what is required first where nothing is laid out", () => {
    const found = sectionsOf(object("customer", fields));
    expect(found.map((each) => keys(each.fields))).toEqual([
      ["name", "code"],
      ["phone", "owner"],
    ]);
  });

  it("follows the layout and shows what it does not name last", () => {
    const form = [{ label: { zh: "联系", en: "Contact" }, fields: ["phone", "gone"] }];
    const found = sectionsOf(object("customer", fields, { form }));
    expect(found.map((each) => keys(each.fields))).toEqual([["phone"], ["name", "code", "owner"]]);
    expect(found[0]?.label?.zh).toBe("联系");
  });
});

describe("a form while one types", () => {
  const moment = momentOf(undefined, new Date("2026-03-04T00:00:00Z"));
  const isC: FormulaDocument = {
    v: 1,
    tree: {
      k: "call",
      t: "boolean",
      f: "=",
      a: [
        { k: "field", t: "text", p: ["level"] },
        { k: "lit", t: "text", v: "c" },
      ],
    },
  };

  it("shows a field only while its condition holds", () => {
    const reason = field("reason", { live: { visible_when: isC } });
    expect(isShown(reason, { level: "c" }, moment)).toBe(true);
    expect(isShown(reason, { level: "a" }, moment)).toBe(false);
    expect(isShown(field("phone"), {}, moment)).toBe(true);
  });

  it("advises by the condition or, without one, while the field is blank", () => {
    const message = { zh: "写下缺什么", en: "What is missing" };
    const byCondition = field("reason", { hint: { message, when: "" }, live: { hint_when: isC } });
    expect(isAdvised(byCondition, { level: "c", reason: "x" }, moment)).toBe(true);
    expect(isAdvised(byCondition, { level: "a" }, moment)).toBe(false);
    const whileBlank = field("reason", { hint: { message, when: null } });
    expect(isAdvised(whileBlank, { reason: "" }, moment)).toBe(true);
    expect(isAdvised(whileBlank, { reason: "x" }, moment)).toBe(false);
    // A condition that only the server may know is left to it.
    expect(isAdvised(field("reason", { hint: { message, when: "" } }), {}, moment)).toBe(false);
  });
});

describe("what leads to a record", () => {
  it("is every relation to its object, but not whose a record is, nor hidden fields", () => {
    const to = { type: "relation", options: { target: "customer" } };
    const hidden = { ...to, may: { read: false, create: false, update: false } };
    const contact = object("contact", [field("customer", to), field("secret", hidden), field("name")]);
    expect(relatedLists([contact, object("task", [field("customer", to)])], "customer")).toEqual([
      { object: contact, field: contact.fields[0] },
    ]);
    expect(filterOf(field("customer", to), "x")).toBe("customer = 'x'");
    expect(filterOf(field("people", { options: { many: true } }), "x")).toBe("HAS_ANY(people, 'x')");
  });
});

describe("the past of a record", () => {
  const entry = (seq: number, at: string, action: HistoryEntry["action"] = "update"): HistoryEntry => ({
    seq,
    at,
    version: seq,
    action,
    actor: null,
    via: "session",
    cause: null,
    before: null,
    after: null,
  });

  it("is one line with tasks and signals, the newest first", () => {
    const task = { id: "t", version: 1, created_at: "2026-01-02T08:00:00+08:00" };
    const signal = { id: "s", version: 1, started_at: "2026-01-04T00:00:00Z", created_at: "2026-01-09T00:00:00Z" };
    const found = inOrder([entry(2, "2026-01-03T00:00:00Z"), entry(1, "2026-01-01T00:00:00Z")], [task], [signal]);
    expect(found.map((each) => each.key)).toEqual(["s", "c2", "t", "c1"]);
  });

  it("has a stop for each version, the oldest first, and none while it was deleted", () => {
    const found = moments([entry(3, "", "delete"), entry(2, ""), entry(1, "", "create")]);
    expect(found.map((each) => each.seq)).toEqual([1, 2]);
  });

  it("goes back by writing what differs, related records by id", () => {
    const then = { id: "1", version: 1, name: "甲", owner: { id: "p", label: "林" }, phone: null };
    const now = { id: "1", version: 4, name: "乙", owner: { id: "q", label: "王" } };
    expect(backTo([field("name"), field("owner"), field("phone")], then, now)).toEqual({ name: "甲", owner: "p" });
  });
});

describe("a file's note", () => {
  it("has its name also in Chinese, and a size for people", () => {
    expect(nameIn("attachment; filename=\"__.pdf\"; filename*=UTF-8''%E5%90%88%E5%90%8C.pdf")).toBe("合同.pdf");
    expect(nameIn('inline; filename="a \\"b\\".png"')).toBe('a "b".png');
    expect(nameIn("inline")).toBeNull();
    expect([sizeText(900), sizeText(45_687), sizeText(5 * 1024 * 1024)]).toEqual(["900 B", "45 KB", "5.0 MB"]);
  });
});
