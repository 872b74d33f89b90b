import type { FieldDef } from "../../src/api/types";
import type { Designs } from "../../src/designers/definitions";

const field = (key: string, type: string, zh: string, options: Record<string, unknown> = {}): FieldDef => ({
  key,
  type,
  label: { zh, en: key.replaceAll("_", " ") },
  options,
  required: false,
});

/** A small company: customers, their opportunities, the lines of those. */
export const designs: Designs = {
  version: 1,
  objects: [
    {
      key: "customer",
      label: { zh: "客户", en: "Customer" },
      title: "name",
      builtin: false,
      fields: [
        field("name", "text", "客户名称"),
        field("level", "choice", "客户等级"),
        field("owner", "person", "负责人"),
        field("agent", "person", "代理人"),
      ],
      metrics: [field("days_silent", "number", "未沟通天数")],
    },
    {
      key: "opportunity",
      label: { zh: "商机", en: "Opportunity" },
      title: "name",
      builtin: false,
      fields: [
        field("name", "text", "商机名称"),
        field("amount", "money", "预计金额"),
        field("customer", "relation", "客户", { target: "customer" }),
      ],
    },
    {
      key: "line",
      label: { zh: "明细", en: "Line" },
      title: null,
      builtin: false,
      fields: [field("opportunity", "relation", "商机", { target: "opportunity" })],
    },
    { key: "person", label: { zh: "人员", en: "Person" }, title: "name", builtin: true, fields: [] },
  ],
  metric_definitions: [],
  segments: [],
  rules: [],
  roles: [{ key: "sales", label: { zh: "销售", en: "Sales" }, grants: [], manages: [], builtin: false }],
  sources: [],
  mappings: [],
  calendar: {},
};
