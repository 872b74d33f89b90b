import type { FieldDef } from "../../api/types";

export interface Total {
  field: FieldDef;
  /** The measure of a query that gives it. */
  by: "sum" | "avg";
}

// More would be no line any longer.
const MOST = 8;

/** What lists and groups show of many values: what a field says of itself, else amounts and times added up. */
export function totalled(fields: FieldDef[]): Total[] {
  return fields
    .flatMap((field): Total[] => {
      const said = field.options.total ?? (field.type === "money" || field.type === "duration" ? "sum" : "none");
      return said === "none" ? [] : [{ field, by: said === "average" ? "avg" : "sum" }];
    })
    .slice(0, MOST);
}
