import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { SavedViewShown } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { columnsOf } from "./columns";
import type { Change, ListSearch } from "./list-search";

export type SavedView = SavedViewShown;
/** How a view asks and draws. */
export type ViewBody = SavedView["body"];
export type Column = ViewBody["columns"][number];

export const useViews = (object: string) =>
  useQuery({
    queryKey: ["views", object],
    queryFn: () => told(api.GET("/api/views/{object}", { params: { path: { object } } })).then((found) => found.items),
    staleTime: 60_000,
  });

/** Keeps a view: a new one without `id`. */
export function useSaveView(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      id,
      version,
      ...wanted
    }: {
      id?: string;
      version?: number;
      label: string;
      shared: boolean;
      body: ViewBody;
    }) =>
      id === undefined
        ? told(api.POST("/api/views/{object}", { params: { path: { object } }, body: wanted }))
        : told(
            api.PUT("/api/views/{object}/{id}", {
              params: { path: { object, id }, header: { "If-Match": `"${version}"` } },
              body: wanted,
            }),
          ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["views", object] }),
  });
}

export function useRemoveView(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      told<unknown>(api.DELETE("/api/views/{object}/{id}", { params: { path: { object, id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["views", object] }),
  });
}

/** The part of an address that a view stands for. */
export function searchOf(view: SavedView | undefined): ListSearch {
  if (view === undefined) return {};
  const { kind, filter, sort, by, group } = view.body;
  const found: ListSearch = { view: view.id };
  if (kind !== "list") found.kind = kind;
  if (filter) found.filter = filter;
  if (sort) found.sort = sort;
  if (by) found.by = by;
  if (group) found.group = group;
  return found;
}

export interface Layout {
  columns: Column[];
  frozen: number;
}

/** What every part of the list is told. */
export interface ListPart {
  object: ObjectDef;
  asked: ListSearch;
  layout: Layout;
  phone: boolean;
  onChange: Change;
  onLayout: (layout: Layout) => void;
}

const KEPT = "tongmai.columns.";

/** The columns a person last chose for an object where no view tells them. */
export function keptLayout(object: string): Layout {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT + object) ?? "") as Layout;
    if (Array.isArray(kept.columns)) return kept;
  } catch {
    // Nothing kept, or what was kept has another form now.
  }
  return { columns: [], frozen: 1 };
}

export function keepLayout(object: string, layout: Layout): void {
  localStorage.setItem(KEPT + object, JSON.stringify(layout));
}

/** Everything that can be a column: fields, metrics, whose it is, when it changed. */
export function offeredColumns(object: ObjectDef): FieldDef[] {
  return [...columnsOf(object), ...(object.metrics ?? [])];
}

/** The fields of a layout in its order; without one, the object's own columns. Fields that are gone are left out. */
export function shownColumns(object: ObjectDef, layout: Layout): { field: FieldDef; width: number | null }[] {
  if (layout.columns.length === 0) return columnsOf(object).map((field) => ({ field, width: null }));
  const offered = new Map(offeredColumns(object).map((field) => [field.key, field]));
  return layout.columns.flatMap(({ field, width }) => {
    const found = offered.get(field);
    return found === undefined ? [] : [{ field: found, width }];
  });
}
