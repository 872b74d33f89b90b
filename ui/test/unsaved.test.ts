import { describe, expect, it } from "vitest";
import { isLeft } from "../src/app/unsaved";

const at = (pathname: string, search: Record<string, string> = {}) => ({ pathname, search });

describe("leaving what is open", () => {
  it("is another page, another record, another definition", () => {
    expect(isLeft(at("/records/customer"), at("/signals"))).toBe(true);
    expect(isLeft(at("/records/customer", { record: "1" }), at("/records/customer", { record: "2" }))).toBe(true);
    expect(isLeft(at("/records/customer", { record: "1" }), at("/records/customer"))).toBe(true);
    expect(isLeft(at("/build/rules", { item: "new" }), at("/build/rules"))).toBe(true);
  });

  it("is not another filter or view beside it", () => {
    const open = at("/records/customer", { record: "1", filter: "a" });
    expect(isLeft(open, at("/records/customer", { record: "1", filter: "b", view: "kanban" }))).toBe(false);
  });
});
