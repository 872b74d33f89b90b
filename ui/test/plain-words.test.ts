import { describe, expect, it } from "vitest";
import type { ClassCount } from "../src/api/schema";
import type { Model, RecordRow } from "../src/api/types";
import { bySeverity } from "../src/features/health/segments";
import { agendaOf, begin, goOn } from "../src/features/meeting/meeting";
import { inBraces, namesIn } from "../src/meta/names";
import { plainWords } from "../src/meta/plain-words";

const STATES = [{ key: "paid", label: { zh: "已付款", en: "Paid" } }];

describe("a condition in plain words", () => {
  it("is read without signs and brackets", () => {
    expect(plainWords("达标指标数 >= 4 AND [最近沟通间隔（天）] IS BLANK OR 订单数 <= 1", "zh")).toBe(
      "达标指标数 不少于 4，且 最近沟通间隔（天）为空，或 订单数 不多于 1"
        .replace("，且 ", "，且")
        .replace("，或 ", "，或"),
    );
    expect(plainWords("orders > 0 AND NOT (gap IS BLANK)", "en")).toBe("orders is more than 0, and not (gap is blank)");
  });

  it("leaves values as they are", () => {
    expect(plainWords("名称 = 'A AND B >= C'", "zh")).toBe("名称 是 “A AND B >= C”");
  });
});

describe("a formula in the company's words", () => {
  const model = {
    version: 1,
    objects: [
      {
        key: "order",
        fields: [
          { key: "placed", type: "date", label: { zh: "下单日期", en: "Placed" }, options: {} },
          { key: "state", type: "choice", label: { zh: "状态", en: "State" }, options: { choices: STATES } },
          { key: "customer", type: "relation", label: { zh: "客户", en: "Customer" }, options: { target: "customer" } },
        ],
      },
      { key: "customer", fields: [{ key: "note", type: "text", label: { zh: "备注", en: "Note" }, options: {} }] },
    ],
  } as unknown as Model;
  const inChinese = (formula: string) => plainWords(formula, "zh", namesIn(model, "order", "zh"));
  const inEnglish = (formula: string) => plainWords(formula, "en", namesIn(model, "order", "en"));

  it("names fields, steps to other records and chosen options by their labels", () => {
    expect(inChinese("[state] IN ('paid', 'sent') AND customer.note IS NOT BLANK")).toBe(
      "状态 属于 “已付款”、“sent”，且客户 › 备注不为空",
    );
    expect(inEnglish("NOT ([state] = 'paid' OR ISBLANK(customer.note))")).toBe(
      "not (State is “Paid”, or Customer › Note is blank)",
    );
    expect(inChinese("customer.note = 'paid' AND NOT ISBLANK([state])")).toBe("客户 › 备注 是 “paid”，且状态不为空");
  });

  it("knows fields that a formula names by their labels", () => {
    expect(inChinese("[状态] = 'paid' AND 客户.备注 IS BLANK")).toBe("状态 是 “已付款”，且客户 › 备注为空");
  });

  it("tells moments apart from amounts, and days from now as one says them", () => {
    expect(inChinese("[placed] < NOW() - 24h AND LEN([state]) > 3")).toBe(
      "下单日期 早于 24 小时前，且状态的字数 多于 3",
    );
    expect(inChinese("DATE([placed]) >= ADD_DAYS(TODAY(), -1)")).toBe("下单日期 不早于 昨天");
    expect(inChinese("DATE([placed]) < TODAY() + (-1)")).toBe("下单日期 早于 昨天");
    expect(inEnglish("[placed] >= TODAY() - 30 AND [placed] < TODAY() + 1")).toBe(
      "Placed is not before 30 days ago, and Placed is before tomorrow",
    );
    expect(inEnglish("DAYS_UNTIL([placed]) <= 3")).toBe("days until Placed is at most 3");
    expect(inEnglish("START_OF([placed], '月') = TODAY()")).toBe("the first day of the month of Placed is today");
    expect(inChinese("[placed] BETWEEN '2026-01-01' AND '2026-02-01' AND [state] = 'paid'")).toBe(
      "下单日期 介于 “2026-01-01” 与 “2026-02-01”，且状态 是 “已付款”",
    );
  });

  it("loses nothing of what it does not know, nor of what is not whole", () => {
    expect(inChinese("ODDLY([gone], 2) * 3 > 1")).toBe("ODDLY（gone、2）× 3 多于 1");
    expect(inChinese("([state] = 'paid'")).toBe("（状态 是 “已付款”）");
    expect(inChinese("[state])) = 1")).toBe("状态))是 1");
  });

  it("reads what stands in a template's braces", () => {
    expect(inBraces("{customer.note}：{LABEL(state)}，5 {天}", inChinese)).toBe("{客户 › 备注}：{状态}，5 {天}");
  });
});

describe("classes", () => {
  it("stand by how urgent they are, not as the table asks", () => {
    const of = (colour: string) => ({ key: colour, label: colour, colour, count: 1 }) satisfies ClassCount;
    const sorted = bySeverity([of("green"), of("grey"), of("red"), of("blue"), of("yellow")]);
    expect(sorted.map((each) => each.key)).toEqual(["red", "yellow", "green", "grey", "blue"]);
  });
});

describe("the meeting's agenda", () => {
  const row = (id: string, day: number) =>
    ({ id, version: 1, started_at: `2026-11-${10 + day}T01:00:00Z` }) as RecordRow;
  const red = [row("d", 4), row("b", 2), row("a", 1), row("c", 3)];
  const ids = (rows: RecordRow[]) => rows.map((each) => each.id);

  it("is the three that stood longest, or those that were chosen", () => {
    expect(ids(agendaOf(red, undefined).agenda)).toEqual(["a", "b", "c"]);
    expect(ids(agendaOf(red, undefined).others)).toEqual(["d"]);
    expect(ids(agendaOf(red, ["d", "b"]).agenda)).toEqual(["b", "d"]);
  });

  it("counts what was settled, and gives each item its own time", () => {
    const first = begin(red, 1_000);
    const second = goOn(first, true, 61_000);
    expect(second).toMatchObject({ at: 1, settled: 1, begun: 1_000, itemBegun: 61_000 });
    expect(goOn(second, false, 70_000)).toMatchObject({ at: 2, settled: 1 });
  });
});
