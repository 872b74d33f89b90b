import { describe, expect, it } from "vitest";
import { isShut } from "../src/app/build-pages";

describe("a page of building", () => {
  it("is shut to who manages none of its areas, however its address was come by", () => {
    expect(isShut("/build/rules", [])).toBe(true);
    expect(isShut("/build/rules", ["audit"])).toBe(true);
    expect(isShut("/build/audit", ["audit"])).toBe(false);
    expect(isShut("/build/access", ["model"])).toBe(false);
  });

  it("has a home that is open to who may build anything at all", () => {
    expect(isShut("/build", [])).toBe(true);
    expect(isShut("/build", ["audit"])).toBe(false);
  });

  it("is nothing that the other pages are asked for", () => {
    expect(isShut("/boards", [])).toBe(false);
    expect(isShut("/", [])).toBe(false);
  });
});
