import { describe, expect, it } from "vitest";
import type { ClassCount } from "../src/api/schema";
import type { RecordRow } from "../src/api/types";
import { bySeverity } from "../src/features/health/segments";
import { agendaOf, begin, goOn } from "../src/features/meeting/meeting";
import { plainWords } from "../src/meta/plain-words";

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
