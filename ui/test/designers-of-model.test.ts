import { describe, expect, it } from "vitest";
import { grantOf, nothing, type Role, same, withField, withGrant } from "../src/features/access/grants";
import { readAction } from "../src/features/model/changes";
import {
  changeField,
  changeObject,
  definitionOf,
  type ObjectDesign,
  removeField,
} from "../src/features/model/definition";
import { browserOf } from "../src/features/profile/agent";
import { countsOf, kindOf, readJson } from "../src/features/sources/options";

const label = { zh: "客户", en: "Customer" };
const name = {
  key: "name",
  type: "text",
  label,
  options: {},
  required: true,
  may: { read: true, create: true, update: true },
};
const customer: ObjectDesign = {
  key: "customer",
  label,
  title: "name",
  fields: [name],
  form: [{ label, fields: ["name"] }],
  builtin: false,
};

describe("changes of the model", () => {
  it("hold what was there before, so that nobody is overrun", () => {
    const change = changeObject(customer, { title: "code" });
    expect(change.before).toEqual({
      label,
      plural: null,
      description: null,
      title: "name",
      icon: null,
      form: customer.form,
      light_entry: null,
      prompts: null,
      watched: false,
      builtin: false,
    });
    expect((change.after as { title: string }).title).toBe("code");
    // What the API tells beside a definition is no part of it.
    expect(Object.keys(definitionOf(name))).not.toContain("may");
    const roles = { ...name, type: "multi_choice", options: { source: "roles", choices: [{ key: "sales" }] } };
    expect(definitionOf(roles).options).toEqual({ source: "roles" });
  });

  it("leave the column of a field that gets another type to the schema", () => {
    const field = { ...name, column: "name__2" };
    const kept = changeField(customer, field, { ...definitionOf(field), required: false });
    expect((kept.after as { column: string | null }).column).toBe("name__2");
    const retyped = changeField(customer, field, { ...definitionOf(field), type: "number" });
    expect((retyped.after as { column: string | null }).column).toBeNull();
  });

  it("take a field out of the layout before it goes", () => {
    expect(removeField(customer, "name").map((each) => each.action)).toEqual(["change_object", "remove_field"]);
    expect(removeField({ ...customer, form: [] }, "name").map((each) => each.action)).toEqual(["remove_field"]);
  });

  it("are told in words", () => {
    expect(readAction({ action: "add_field", object: "customer", field: name })).toEqual({
      verb: "add",
      noun: "field",
      name: label,
    });
    const renamed = { action: "change_object", object: "customer", after: { label } };
    expect(readAction(renamed)).toEqual({ verb: "change", noun: "object", name: label });
    expect(readAction({ action: "remove_field", object: "customer", field: "name" }).name).toBe("customer.name");
    expect(readAction({ action: "reorder", kind: "fields", object: "customer", keys: [] })).toEqual({
      verb: "reorder",
      noun: "fields",
      name: "customer",
    });
  });
});

describe("grants", () => {
  const role: Role = { key: "sales", label, grants: [], manages: ["people", "audit"], builtin: false };

  it("deny what is not granted, and leave out what grants nothing", () => {
    expect(grantOf(role, "customer").read).toBe("none");
    const reading = withGrant(role, { ...nothing("customer"), read: "team" });
    expect(grantOf(reading, "customer").read).toBe("team");
    expect(withGrant(reading, nothing("customer")).grants).toEqual([]);
  });

  it("name only fields that differ from the rest", () => {
    const grant = withField(nothing("customer"), "phone", "none");
    expect(grant.field_access).toEqual({ phone: "none" });
    expect(withField(grant, "phone", "write").field_access).toEqual({});
  });

  it("are the same whatever the order of areas", () => {
    expect(same(role, { ...role, manages: ["audit", "people"] })).toBe(true);
    expect(same(role, { ...role, manages: ["audit"] })).toBe(false);
  });
});

describe("sources", () => {
  it("have inputs by the kind of option", () => {
    expect(kindOf({ type: "integer" })).toBe("number");
    expect(kindOf({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("text");
    expect(kindOf({ type: "string", enum: ["a"] })).toBe("choice");
    expect(kindOf({ type: "array" })).toBe("json");
    expect(readJson("{")).toBeUndefined();
  });

  it("tell the counts that say something", () => {
    expect(countsOf({ refused: 1, same: 0, inserted: 3, read: 4, odd: 2 })).toEqual([
      ["read", 4],
      ["inserted", 3],
      ["refused", 1],
      ["odd", 2],
    ]);
  });
});

describe("a session's browser", () => {
  it("is called as people call it", () => {
    const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36";
    expect(browserOf(chrome)).toBe("Chrome · Windows");
    expect(browserOf(`${chrome} wxwork/4.1.0`)).toBe("企业微信 · Windows");
    expect(browserOf("curl/8.1")).toBe("curl/8.1");
    expect(browserOf(null)).toBeNull();
  });
});
