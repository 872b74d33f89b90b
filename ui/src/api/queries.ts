import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, csrf } from "./client";
import type { FieldValue, HistoryEntry, Me, Model, Page, RecordRow } from "./types";

export const useMe = () =>
  useQuery({ queryKey: ["me"], queryFn: () => call<Me>("GET", "/api/me"), retry: false, staleTime: 60_000 });

export const useModel = () =>
  useQuery({ queryKey: ["model"], queryFn: () => call<Model>("GET", "/api/model"), staleTime: 60_000 });

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { login: string; password: string }) =>
      call<{ csrf_token: string }>("POST", "/api/session", given),
    onSuccess: (answer) => {
      csrf.set(answer.csrf_token);
      client.clear();
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call("DELETE", "/api/session"),
    onSettled: () => {
      csrf.clear();
      client.clear();
    },
  });
}

export interface Listing {
  filter?: string | undefined;
  sort?: string | undefined;
  search?: string | undefined;
  limit?: number;
}

export function useRecords(object: string, { limit = 100, ...listing }: Listing, enabled = true) {
  return useInfiniteQuery({
    queryKey: ["records", object, listing, limit],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam }) => {
      const asked = new URLSearchParams({ limit: String(limit) });
      for (const [name, value] of Object.entries(listing)) if (value) asked.set(name, value);
      if (pageParam) asked.set("cursor", pageParam);
      return call<Page>("GET", `/api/records/${object}?${asked}`);
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    retry: false,
  });
}

export const useRecord = (object: string, id: string | undefined) =>
  useQuery({
    queryKey: ["record", object, id],
    queryFn: () => call<RecordRow>("GET", `/api/records/${object}/${id}`),
    enabled: id !== undefined && id !== "new",
    retry: false,
  });

export const useHistory = (object: string, id: string) =>
  useQuery({
    queryKey: ["history", object, id],
    queryFn: () => call<{ items: HistoryEntry[] }>("GET", `/api/records/${object}/${id}/history`),
  });

/** What a write answers: the record as it is now, advice, and what its lookups found (null: nothing). */
export interface Saved {
  record: RecordRow;
  hints: { field: string; message: string }[];
  lookups: Record<string, { id: string; show: FieldValue } | null>;
}

/** Creates a record, or changes one: then only against the version that was read. */
export function useSave(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version, values }: { id?: string; version?: number; values: Record<string, FieldValue> }) =>
      id === undefined
        ? call<Saved>("POST", `/api/records/${object}`, values, { "Idempotency-Key": crypto.randomUUID() })
        : call<Saved>("PATCH", `/api/records/${object}/${id}`, values, { "If-Match": `"${version}"` }),
    onSuccess: () => refresh(client, object),
  });
}

export function useRecordAction(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action, body }: { id: string; action: "delete" | "undo"; body?: unknown }) =>
      action === "delete"
        ? call("DELETE", `/api/records/${object}/${id}`)
        : call("POST", `/api/records/${object}/${id}/undo`, body),
    onSuccess: () => refresh(client, object),
  });
}

export function refresh(client: ReturnType<typeof useQueryClient>, object: string): void {
  for (const key of ["records", "record", "history"]) void client.invalidateQueries({ queryKey: [key, object] });
}
