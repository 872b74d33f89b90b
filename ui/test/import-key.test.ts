import { describe, expect, it } from "vitest";
import type { FieldDef } from "../src/api/types";
import { usualKey } from "../src/features/transfer/Meeting";

const field = (key: string, unique = false): FieldDef => ({
  key,
  type: "text",
  label: { zh: key, en: key },
  options: {},
  required: false,
  unique,
});

describe("the fields by which an import finds records", () => {
  it("are what is unique among the columns, else the title", () => {
    expect(usualKey([field("name"), field("code", true)], "name")).toEqual(["code"]);
    expect(usualKey([field("phone"), field("name")], "name")).toEqual(["name"]);
  });

  it("are left to the person where neither has a column", () => {
    expect(usualKey([field("phone")], "name")).toEqual([]);
    expect(usualKey([], null)).toEqual([]);
  });
});
