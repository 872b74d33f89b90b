import type { FieldDef } from "../api/types";
import { isNumeric } from "../meta/Value";

export interface GridColumn {
  field: FieldDef;
  width: number | null;
}

/** A column's width in pixels: as it was drawn, else by what it holds. */
export function widthOf({ field, width }: GridColumn, first: boolean): number {
  if (width !== null) return width;
  if (first) return 220;
  if (field.type === "long_text") return 240;
  if (field.type === "datetime") return 160;
  return isNumeric(field) ? 120 : 130;
}
