import { useQueries } from "@tanstack/react-query";
import { listRecords, useModel } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry } from "../../api/types";
import { targetOf, titleOf } from "../../meta/target";

const MOST = 200;

/**
 * Gives ids in the history the titles of their records: one request an object, under the reader's own rights.
 * An id that the reader may not look up stays without a title.
 */
export function useRelatedTitles(fields: FieldDef[], entries: HistoryEntry[]) {
  const model = useModel().data;
  const wanted = new Map<string, Set<string>>();
  for (const field of fields) {
    const target = targetOf(field);
    if (target === undefined) continue;
    const ids = wanted.get(target) ?? new Set();
    for (const entry of entries) for (const id of idsIn(entry, field.key)) ids.add(id);
    if (ids.size > 0) wanted.set(target, ids);
  }
  const asked = [...wanted].map(([target, ids]) => ({ target, ids: [...ids].sort().slice(0, MOST) }));
  const pages = useQueries({
    queries: asked.map(({ target, ids }) => ({
      queryKey: ["records", target, "titles", ids],
      queryFn: () => {
        const filter = `id IN (${ids.map((id) => `'${id}'`).join(", ")})`;
        return listRecords(target, { filter, limit: MOST });
      },
      retry: false,
    })),
  });
  const titles = new Map<string, string>();
  asked.forEach(({ target }, at) => {
    for (const row of pages[at]?.data?.items ?? []) titles.set(row.id, titleOf(model, target, row));
  });
  return (field: FieldDef, value: FieldValue | undefined): FieldValue | undefined =>
    targetOf(field) === undefined ? value : named(value, titles);
}

function named(value: FieldValue | undefined, titles: Map<string, string>): FieldValue | undefined {
  if (Array.isArray(value)) return value.map((each) => named(each, titles) ?? null);
  return typeof value === "string" ? { id: value, label: titles.get(value) ?? null } : value;
}

function idsIn(entry: HistoryEntry, key: string): string[] {
  return [entry.before?.[key], entry.after?.[key]].flat().filter((value) => typeof value === "string");
}
