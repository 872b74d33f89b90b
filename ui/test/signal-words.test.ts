import { expect, test } from "vitest";
import { aroundWord } from "../src/features/signals/words";

test("the word stands between what was said before and after it", () => {
  expect(aroundWord("这批货急要，明天到吗", "急要")).toEqual({ before: "这批货", word: "急要", after: "，明天到吗" });
});

test("long messages are cut on both sides", () => {
  const found = aroundWord(`${"前".repeat(100)}竞品${"后".repeat(100)}`, "竞品");
  expect(found).toEqual({ before: `…${"前".repeat(60)}`, word: "竞品", after: `${"后".repeat(60)}…` });
});

test("a word that is no longer there leaves the beginning of the message", () => {
  expect(aroundWord("已撤回", "急要")).toEqual({ before: "已撤回", word: "", after: "" });
  expect(aroundWord("没有关键词", null)).toEqual({ before: "没有关键词", word: "", after: "" });
});
