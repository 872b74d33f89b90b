import { expect, it } from "vitest";
import type { FieldDef } from "../src/api/types";
import { underTitle } from "../src/features/records/RowsOnPhone";

const field = (key: string, type: string, options: Record<string, unknown> = {}): FieldDef => ({
  key,
  type,
  label: { zh: key, en: key },
  options,
  required: false,
});

it("tells under a title where it stands and what it is worth, and nothing twice", () => {
  const title = field("name", "text");
  const stage = field("stage", "choice", { choices: [{ key: "quote", label: { zh: "报价", en: "Quote" } }] });
  const rest = [
    field("number", "text"),
    field("customer", "relation"),
    stage,
    field("amount", "money"),
    field("won", "boolean"),
  ];
  const row = {
    id: "1",
    version: 1,
    name: "绍兴医院 制氧机",
    number: "O-7",
    customer: { id: "2", label: "绍兴医院" },
    stage: "quote",
    amount: "1200",
    won: false,
  };
  expect(underTitle(title, rest, row, "zh")).toBe("报价 · 1,200.00 · O-7");
});
