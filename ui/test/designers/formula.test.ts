import { describe, expect, it } from "vitest";
import { type FunctionEntry, offersAt, pointedAt, typedAt } from "../../src/designers/formula/completion";
import { designs } from "./model";

const entry = (name: string, signature: string, ...aliases: string[]): FunctionEntry => ({
  name,
  aliases,
  signature,
  group: "date",
  meaning: "",
  example: "",
  shows: "",
});
const functions = [entry("TODAY", "TODAY()", "今天"), entry("DAYS_BETWEEN", "DAYS_BETWEEN(date, date)")];

/** The text after the first offer was taken; a bar stands for the caret. */
function taken(written: string, object = "customer", language: "zh" | "en" = "zh"): string {
  const caret = written.indexOf("|");
  const text = written.replace("|", "");
  const offer = offersAt(designs, object, functions, language, text, caret)[0];
  if (offer === undefined) return "nothing";
  const after = text.slice(0, offer.from) + offer.text + text.slice(offer.to);
  return `${after.slice(0, offer.caret)}|${after.slice(offer.caret)}`;
}

describe("what is offered at the caret", () => {
  it("is a field, by key where one writes keys and by label where one writes labels", () => {
    expect(taken("lev| = 'a'")).toBe("level| = 'a'");
    expect(taken("等级| = 'a'")).toBe("[客户等级]| = 'a'");
    expect(taken("1 + [未沟|")).toBe("1 + [未沟通天数]|");
    expect(taken("[day|", "customer", "en")).toBe("[days silent]|");
  });

  it("goes through relations", () => {
    expect(taken("customer.lev|", "opportunity")).toBe("customer.level|");
    expect(taken("[客户].[客户等|", "opportunity")).toBe("[客户].[客户等级]|");
    expect(taken("opportunity.customer.lev|", "line")).toBe("opportunity.customer.level|");
    expect(taken("amount.lev|", "opportunity")).toBe("nothing");
  });

  it("is a function, with the caret where its first value goes", () => {
    expect(taken("days_b|")).toBe("DAYS_BETWEEN(|)");
    expect(taken("tod|")).toBe("TODAY()|");
  });

  it("is nothing inside a text or after a complete name", () => {
    expect(taken("name = 'lev|'")).toBe("nothing");
    expect(taken("days_silent|")).toBe("nothing");
    expect(typedAt("1 + ", 4)).toBeNull();
  });
});

describe("the place of a fault", () => {
  it("is the word that begins there", () => {
    expect(pointedAt("LEN(nam) + 1", 4)).toEqual(["LEN(", "nam", ") + 1"]);
    expect(pointedAt("[客户名秤] = 1", 0)).toEqual(["", "[客户名秤]", " = 1"]);
    expect(pointedAt("1 +", 3)).toEqual(["1 +", "", ""]);
    expect(pointedAt("x", 99)).toEqual(["x", "", ""]);
  });
});
