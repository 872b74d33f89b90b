import { describe, expect, it } from "vitest";
import { type Described, linesOf, writtenOut } from "../src/features/profile/described";

const call = (operationId: string, summary: string) => ({
  operationId,
  tags: ["tasks"],
  summary,
  parameters: [],
  responses: {
    "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Task" } } } },
    "404": { description: "Problem" },
  },
});
const described: Described = {
  paths: { "/api/tasks": { get: call("list", "我的待办"), post: call("make", "新建待办") } },
  components: { schemas: {} },
};

describe("the description of the API", () => {
  it("is found by every word typed, in any order", () => {
    expect(linesOf(described, "待办 post").map((each) => each.id)).toEqual(["make"]);
    expect(linesOf(described, "").map((each) => each.method)).toEqual(["GET", "POST"]);
    expect(linesOf(described, "nothing")).toEqual([]);
  });

  it("shows what is answered, not the refusals", () => {
    expect(linesOf(described, "get")[0]).toMatchObject({ body: null, answer: { $ref: "#/components/schemas/Task" } });
  });

  it("writes out what is referred to, and ends where a schema refers to itself", () => {
    const schemas = { Task: { properties: { parts: { items: { $ref: "#/components/schemas/Task" } } } } };
    const found = JSON.stringify(writtenOut({ $ref: "#/components/schemas/Task" }, schemas));
    expect(found.match(/parts/g)).toHaveLength(4);
    expect(found).toContain('"items":"Task"');
  });
});
