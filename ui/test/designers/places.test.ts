import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/api/types";
import type { AnyAction } from "../../src/designers/change/action";
import { assigned, placedIn, valueAt } from "../../src/designers/faults/places";

const fault = (field: string): Fault => ({ code: "x", message: field, field });
const placesOf = (action: AnyAction, ...fields: string[]) => placedIn(fields.map(fault), [action]).map(({ at }) => at);

describe("where in a draft a fault belongs", () => {
  it("is told in the catalogue's terms and in those of the document that was sent", () => {
    // biome-ignore lint/suspicious/noThenProperty: the definition's own name; rules are awaited by nobody
    const rule = { key: "silent", if: "", then: [{ kind: "task", object: "order", title: "" }] };
    const change = { action: "change_rule", before: rule, after: rule };
    expect(placesOf(change, "rules.silent.then.0.title", "rules.silent.if")).toEqual(["then.0.title", "if"]);
    // The kinds by which the reader of the document chose are no part of it.
    expect(placesOf(change, "actions.0.change_rule.after.then.0.task.title")).toEqual(["then.0.title"]);
    expect(placesOf({ action: "add_rule", rule }, "actions.0.add_rule.rule.key")).toEqual(["key"]);
    expect(placesOf(change, "rules.other.if", "actions.1.add_rule.rule.key")).toEqual([undefined, undefined]);
  });

  it("knows elements by their names, whichever way they are told", () => {
    const segment = { key: "health", classes: [{ key: "red", when: "" }] };
    const change = { action: "add_segment", segment };
    expect(placesOf(change, "segments.health.classes.red.when", "actions.0.segment.classes.0.when")).toEqual([
      "classes.red.when",
      "classes.red.when",
    ]);
    const role = { key: "sales", grants: [{ object: "customer", read: "formula: x" }] };
    expect(placesOf({ action: "change_role", after: role }, "roles.sales.customer.read", "roles.sales")).toEqual([
      "grants.customer.read",
      undefined,
    ]);
    const taken = { ...fault("roles.sales"), code: "role.duplicate_name" };
    expect(placedIn([taken], [{ action: "change_role", after: role }])[0]?.at).toBe("label");
    const mapping = { key: "orders", fields: [{ field: "amount", value: "x" }], columns: [{ path: "body.no" }] };
    expect(
      placesOf(
        { action: "add_mapping", mapping },
        "mappings.orders.fields.amount.value",
        "mappings.orders.columns.body.no",
      ),
    ).toEqual(["fields.amount.value", "columns.body.no"]);
  });

  it("is found under the object of a field, a metric, a validation", () => {
    const field = { action: "change_field", object: "customer", after: { key: "level" } };
    expect(placesOf(field, "customer.level.options.target", "customer.name.label")).toEqual([
      "options.target",
      undefined,
    ]);
    const metric = { action: "add_metric", metric: { key: "orders", object: "customer" } };
    expect(placesOf(metric, "customer.orders.measure.value")).toEqual(["measure.value"]);
    const check = { action: "add_validation", object: "customer", validation: { key: "c1" } };
    expect(placesOf(check, "customer.validations.c1.formula")).toEqual(["formula"]);
    const object = { action: "change_object", object: "customer", after: { label: {} } };
    expect(placesOf(object, "customer.title", "customer.form.0.label")).toEqual(["title", "form.0.label"]);
  });
});

describe("the input of a fault", () => {
  it("is the nearest one; what has none is left for the list", () => {
    const faults = ["then.0.title", "then.0.buttons", "then.10", "label.zh", "key", ""].map((at) => ({
      ...fault(at),
      at,
    }));
    const { at, rest } = assigned(
      [...faults, { ...fault("elsewhere"), at: undefined }],
      ["then.0", "then.0.title", "label"],
    );
    expect([...at].map(([place, found]) => [place, found.map((each) => each.message)])).toEqual([
      ["then.0.title", ["then.0.title"]],
      ["then.0", ["then.0.buttons"]],
      ["label", ["label.zh"]],
    ]);
    expect(rest.map((each) => each.message)).toEqual(["then.10", "key", "", "elsewhere"]);
  });

  it("holds what stands at its place", () => {
    // biome-ignore lint/suspicious/noThenProperty: the definition's own name; rules are awaited by nobody
    const draft = { classes: [{ key: "red", when: "a" }], then: [{ kind: "task", title: "t" }] };
    expect(valueAt(draft, "classes.red.when")).toBe("a");
    expect(valueAt(draft, "then.0.title")).toBe("t");
    expect(valueAt(draft, "then.1.title")).toBeUndefined();
  });
});
