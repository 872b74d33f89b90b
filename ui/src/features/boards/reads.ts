import type { Model, ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";
import type { Drawn, Widget } from "./boards";

const PATH = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)+/gu;

/** The objects whose records boards were worked out from: their widgets' own, and those that paths in them lead to. */
export function objectsRead(boards: Drawn[], model: Model | undefined): Set<string> {
  const found = new Set<string>();
  for (const { widgets } of boards)
    for (const { widget } of widgets) for (const each of ofWidget(widget, model?.objects ?? [])) found.add(each);
  return found;
}

function ofWidget(widget: Widget, objects: readonly ObjectDef[]): string[] {
  if (widget.kind === "text") return [];
  if (widget.kind === "lights")
    return objects.filter((each) => each.metrics?.some(({ key }) => key === widget.segment)).map(({ key }) => key);
  const asked: (string | null)[] = [widget.filter];
  if ("measure" in widget) asked.push(widget.measure);
  else if ("x" in widget) asked.push(widget.x, widget.y);
  else if ("steps" in widget) asked.push(...widget.steps.map((each) => each.when));
  else if ("fields" in widget) asked.push(widget.sort, ...widget.fields);
  else asked.push(...widget.group_by, ...Object.values(widget.measures));
  const paths = asked.flatMap((each) => each?.match(PATH) ?? []);
  return [widget.object, ...paths.flatMap((each) => alongPath(each, widget.object, objects))];
}

/** The objects that a path leads through; what no field is named like leads nowhere. */
function alongPath(path: string, from: string, objects: readonly ObjectDef[]): string[] {
  const found: string[] = [];
  let owner: string | undefined = from;
  for (const key of path.split(".")) {
    const definition: ObjectDef | undefined = objects.find((each) => each.key === owner);
    const field = [...(definition?.fields ?? []), ...(definition?.system_fields ?? [])].find(
      (each) => each.key === key || each.label.zh === key || each.label.en === key,
    );
    owner = field && targetOf(field);
    if (owner === undefined) break;
    found.push(owner);
  }
  return found;
}
