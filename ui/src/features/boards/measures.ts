import type { FieldDef, Label } from "../../api/types";
import { fieldAt } from "../../meta/target";
import { isShare } from "../../meta/Value";
import { type Picture, shortNumber } from "./boards";

type Say = (label: Label | null | undefined) => string;

/** What a measure is called: its field's name, or that it counts. */
export function measureName(widget: Picture, name: string, objects: Parameters<typeof fieldAt>[0], say: Say): string {
  const text = widget.measures[name] ?? "";
  const inner = /\(([a-z0-9_.]+)\)/.exec(text)?.[1];
  const field = inner === undefined ? undefined : fieldAt(objects, widget.object, inner);
  return field ? say(field.label) : name === "n" || text === "count" ? say({ zh: "条数", en: "Count" }) : name;
}

/** A figure as it is read: what is measured over a percent field in hundredths, everything else short. */
export function measuredText(
  value: number,
  measure: string,
  object: string,
  objects: Parameters<typeof fieldAt>[0],
  language: "zh" | "en",
): { text: string; unit: string } {
  const path = /^(?:avg|min|max)\((\S+)\)$/.exec(measure.trim())?.[1];
  const field = path === undefined ? undefined : fieldAt(objects, object, path);
  if (field === undefined || !(field.type === "percent" || isShare(field))) return shortNumber(value, language);
  return { text: (value * 100).toLocaleString("en", { maximumFractionDigits: 1 }), unit: "%" };
}

/** A field's figure as it is read on an axis: in hundredths or with its own unit. */
export function figureText(field: FieldDef | undefined, value: number, language: "zh" | "en"): string {
  if (field && (field.type === "percent" || isShare(field)))
    return `${(value * 100).toLocaleString("en", { maximumFractionDigits: 1 })}%`;
  const { text, unit } = shortNumber(value, language);
  const own = field?.options.unit as Label | undefined;
  return `${text}${unit}${own?.[language] ?? ""}`;
}
