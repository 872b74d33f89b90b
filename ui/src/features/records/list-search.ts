import type { FieldDef, ObjectDef } from "../../api/types";
/** The state of a list stands in its address, so that it can be sent to a colleague. */
export interface ListSearch {
  filter?: string;
  sort?: string;
  search?: string;
  record?: string;
  view?: string;
  kind?: ViewKind;
  by?: string;
  group?: string;
}

export type ViewKind = "list" | "kanban" | "calendar" | "gallery";
export const KINDS: readonly ViewKind[] = ["list", "kanban", "calendar", "gallery"];

const NAMES = ["filter", "sort", "search", "record", "view", "by", "group"] as const;

/** What of an address means something to a list; blanks are left out. */
export function listSearch(given: Record<string, unknown>): ListSearch {
  const kept: ListSearch = {};
  for (const name of NAMES) {
    const value = given[name];
    if (typeof value === "string" && value !== "") kept[name] = value;
  }
  const kind = KINDS.find((each) => each === given.kind);
  if (kind !== undefined && kind !== "list") kept.kind = kind;
  return kept;
}

export type Change = (part: { [name in keyof ListSearch]?: ListSearch[name] | undefined }) => void;

/** The fields that a kind of view can lie along. */
export function axes(object: ObjectDef, kind: ViewKind): FieldDef[] {
  if (kind === "kanban") return object.fields.filter((field) => field.type === "choice");
  if (kind === "calendar") return object.fields.filter((field) => field.type === "date" || field.type === "datetime");
  return [];
}
