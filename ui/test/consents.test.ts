import { expect, test } from "vitest";
import type { AgreementShown } from "../src/api/schema";
import { asked, exportAddress, otherSide } from "../src/features/consents/agreements";

const pair = (more: Partial<AgreementShown>): AgreementShown => ({
  source: "wecom",
  customer_id: "wm1",
  member_id: "zhang",
  room: "",
  state: "agreed",
  since: null,
  customer: null,
  member: null,
  told: [],
  ...more,
});

test("what is not narrowed is not asked for", () => {
  expect(asked({ customer: "" })).toEqual({});
  expect(asked({ state: "refused", person: "p" })).toEqual({ state: "refused", person: "p" });
});

test("what is exported is what is shown", () => {
  expect(exportAddress({})).toBe("/api/consents/export");
  expect(exportAddress({ state: "withdrawn", customer: "c" })).toBe("/api/consents/export?state=withdrawn&customer=c");
});

test("the other side is the person, else the vendor's name of him, or the room", () => {
  expect(otherSide(pair({ member: { object: "person", id: "p", label: "张三" } }), "群聊")).toBe("张三");
  expect(otherSide(pair({}), "群聊")).toBe("zhang");
  expect(otherSide(pair({ member_id: "", room: "wrROOM" }), "群聊")).toBe("群聊");
});
