import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { ModelChange } from "../../api/schema";
import type { Label } from "../../api/types";
import type { AnyAction } from "../../designers/change/action";

/** A change of the model as it lies in the log. */
export type { ModelChange };

export const useModelChanges = () =>
  useQuery({
    queryKey: ["model", "changes"],
    queryFn: () =>
      told(api.GET("/api/model/changes", { params: { query: { limit: 50 } } })).then((found) => found.items),
  });

/** What an action does to what: `add`, `field`, and what it is called. */
export function readAction(action: AnyAction): { verb: string; noun: string; name: Label | string } {
  const [verb = "change", ...rest] = action.action.split("_");
  const noun = verb === "reorder" ? String(action.kind) : rest.join("_");
  const given = action[noun] ?? action.after ?? action.before;
  const label = [given, action.after, action.before].map(labelIn).find((each) => each !== undefined);
  const owner = typeof action.object === "string" && noun !== "object" ? `${action.object}.` : "";
  if (label !== undefined) return { verb, noun, name: label };
  const key = typeof given === "string" ? given : keyIn(given);
  return { verb, noun, name: verb === "reorder" ? String(action.object ?? "") : `${owner}${key}` };
}

function labelIn(given: unknown): Label | undefined {
  const label = (given as { label?: unknown; message?: unknown } | null)?.label;
  return typeof label === "object" && label !== null && "zh" in label ? (label as Label) : undefined;
}

const keyIn = (given: unknown): string => String((given as { key?: unknown } | null | undefined)?.key ?? "");
