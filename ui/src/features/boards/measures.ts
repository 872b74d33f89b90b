import type { Label } from "../../api/types";
import { fieldAt } from "../../meta/target";
import type { Picture } from "./boards";

type Say = (label: Label | null | undefined) => string;

/** What a measure is called: its field's name, or that it counts. */
export function measureName(widget: Picture, name: string, objects: Parameters<typeof fieldAt>[0], say: Say): string {
  const text = widget.measures[name] ?? "";
  const inner = /\(([a-z0-9_.]+)\)/.exec(text)?.[1];
  const field = inner === undefined ? undefined : fieldAt(objects, widget.object, inner);
  return field ? say(field.label) : name === "n" || text === "count" ? say({ zh: "条数", en: "Count" }) : name;
}
