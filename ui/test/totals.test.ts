import { describe, expect, it } from "vitest";
import type { FieldDef } from "../src/api/types";
import { totalled } from "../src/features/records/totals";

const field = (key: string, type: string, options: object = {}) => ({ key, type, options }) as unknown as FieldDef;

describe("what stands under a list", () => {
  it("is amounts and times added up, and what a field says of itself", () => {
    const found = totalled([
      field("amount", "money"),
      field("spent", "duration"),
      field("interval", "number"),
      field("quantity", "number", { total: "sum" }),
      field("price", "money", { total: "average" }),
      field("limit", "money", { total: "none" }),
      field("name", "text"),
    ]);
    expect(found.map(({ field: { key }, by }) => [key, by])).toEqual([
      ["amount", "sum"],
      ["spent", "sum"],
      ["quantity", "sum"],
      ["price", "avg"],
    ]);
  });
});
