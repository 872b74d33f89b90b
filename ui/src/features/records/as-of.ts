import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, RecordRow } from "../../api/types";
import { isReference } from "../../meta/Value";

/** A record as it was at a moment. */
export const useRecordAt = (object: string, id: string, at: string | undefined) =>
  useQuery({
    queryKey: ["record", object, id, "at", at],
    queryFn: () =>
      told(
        api.GET("/api/records/{object}/{id}", { params: { path: { object, id }, query: { as_of: at ?? "" } } }),
      ) as Promise<RecordRow>,
    enabled: at !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    placeholderData: (before) => before,
  });

/** The moments between which a record stood still, the oldest first. */
export const moments = (entries: HistoryEntry[]): HistoryEntry[] =>
  entries.filter((each) => each.action !== "delete" && each.action !== "purge").sort((a, b) => a.seq - b.seq);

/** What has to be written so that the fields are again as they were. */
export function backTo(fields: FieldDef[], then: RecordRow, now: RecordRow): Record<string, FieldValue> {
  const found: Record<string, FieldValue> = {};
  for (const field of fields) {
    const before = bare(then[field.key]);
    if (JSON.stringify(before) !== JSON.stringify(bare(now[field.key]))) found[field.key] = before;
  }
  return found;
}

/** A value as it is written: related records by id. */
function bare(value: FieldValue | undefined): FieldValue {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(bare);
  return isReference(value) ? value.id : value;
}

export function useBackTo(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ now, values }: { now: RecordRow; values: Record<string, FieldValue> }) =>
      told<unknown>(
        api.PATCH("/api/records/{object}/{id}", {
          params: { path: { object, id: now.id }, header: { "If-Match": `"${now.version}"` } },
          body: values,
        }),
      ),
    onSuccess: () => refresh(client, object),
  });
}
