import { describe, expect, it } from "vitest";
import type { RuleAction, RuleDef } from "../../src/designers/definitions";
import { readCron, writeCron } from "../../src/designers/rules/cron";
import {
  ACTIONS,
  finished,
  lacks,
  newAction,
  newRule,
  newTrigger,
  TRIGGERS,
  withActions,
} from "../../src/designers/rules/draft";
import { ruleSentence } from "../../src/designers/rules/sentence";
import en from "../../src/locales/en.json";
import zh from "../../src/locales/zh-CN.json";
import { designs } from "./model";

const phrases =
  (words: Record<string, string>) =>
  (key: string, parts: Record<string, unknown> = {}) =>
    (words[key] ?? `MISSING ${key}`).replace(/\{\{(\w+)\}\}/g, (_, name) => String(parts[name]));
const t = phrases(zh);

const silent: RuleDef = {
  ...newRule("customer"),
  label: { zh: "沉默", en: "" },
  if: " [未沟通天数] > 21 ",
};
const actions = (...given: RuleAction[]): RuleDef => withActions(silent, given);

describe("a rule in sentences", () => {
  it("reads as when, if and then", () => {
    const task = { ...newAction("task"), title: { zh: "回访 {name}", en: "回访 {name}" } } as RuleAction;
    const lock = {
      ...newAction("lock"),
      reason: { zh: "待复核", en: "To be checked" },
      fields: ["level"],
    } as RuleAction;
    expect(ruleSentence(finished(actions(task, lock), []), designs, "zh", t)).toEqual({
      when: "客户开始符合条件时",
      if: "未沟通天数 多于 21",
      does: ["请负责人在 1 个工作日内完成“回访 {客户名称}”", "锁定客户等级：待复核"],
    });
  });

  it("names people as seen from the record", () => {
    const notice = {
      ...newAction("notify"),
      title: { zh: "x", en: "x" },
      to: ["superior", "role:sales", "person:agent"],
    } as RuleAction;
    expect(ruleSentence(actions(notice), designs, "zh", t).does).toEqual(["通知负责人的上级、所有销售、代理人“x”"]);
  });

  it("has words for every trigger and action, in both languages", () => {
    for (const words of [zh, en])
      for (const kind of TRIGGERS)
        for (const action of ACTIONS) {
          const rule = { ...actions(newAction(action)), when: newTrigger(kind, []) };
          expect(JSON.stringify(ruleSentence(rule, designs, "en", phrases(words)))).not.toContain("MISSING");
        }
  });
});

describe("a rule as the API takes it", () => {
  it("has a key of its own, both names, and nothing for what was left blank", () => {
    const rule = finished({ ...silent, outcome: "  " }, ["rule_1"]);
    expect(rule).toMatchObject({
      key: "rule_2",
      label: { zh: "沉默", en: "沉默" },
      if: "[未沟通天数] > 21",
      outcome: null,
      when: { kind: "becomes", leave_when: null },
    });
  });

  it("says the one text to all readers until it has an English one", () => {
    const signal = { ...newAction("signal"), title: { zh: "{name} 沉默", en: "" }, detail: { zh: " ", en: "" } };
    const task = { ...newAction("task"), title: { zh: "回访 {name}", en: "Call {name}" } };
    const rule = finished(actions(signal as RuleAction, task as RuleAction), []);
    expect(rule.then).toMatchObject([
      { title: { zh: "{name} 沉默", en: "{name} 沉默" }, detail: null },
      { title: { zh: "回访 {name}", en: "Call {name}" }, detail: null },
    ]);
    expect(ruleSentence(rule, designs, "en", phrases(en)).does[1]).toContain("Call {name}");
  });

  it("keeps its key and all it does not show", () => {
    const kept: RuleDef = { ...silent, key: "silent", description: { zh: "说明", en: "Why" } };
    expect(finished(kept, ["silent"])).toMatchObject({ key: "silent", description: { zh: "说明", en: "Why" } });
  });

  it("tells what is still to be filled in", () => {
    expect(lacks(newRule("customer"))).toEqual(["rule.lacks.name", "rule.lacks.if", "rule.lacks.title"]);
    expect(lacks(actions({ ...newAction("notify"), title: { zh: "x", en: "x" } } as RuleAction))).toEqual([]);
    for (const kind of ACTIONS) for (const key of lacks(actions(newAction(kind)))) expect(zh).toHaveProperty([key]);
  });
});

describe("a schedule", () => {
  it.each(["0 9 * * *", "30 18 * * 5", "0 8 1 * *", "0 9 * * 0"])(
    "%s is the same after reading and writing",
    (cron) => {
      expect(readCron(cron).every).not.toBe("other");
      expect(writeCron(readCron(cron))).toBe(cron);
    },
  );

  it("is kept as it is written where the parts cannot say it", () => {
    for (const cron of ["*/5 * * * *", "0 9 1 * 1", "0 99 * * *"]) {
      expect(readCron(cron).every).toBe("other");
      expect(writeCron(readCron(cron))).toBe(cron);
    }
  });
});
