import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, csrf, told } from "./client";
import { noteLeft } from "./entering";
import type { Designs, FieldValue, HistoryEntry, Page, RecordRow } from "./types";

/** Who one is. The token for writing comes with it: who was signed in by WeCom or by single sign-on has none of this session. */
export const useMe = () =>
  useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      const [me, session] = await Promise.all([told(api.GET("/api/me")), told(api.GET("/api/session"))]);
      csrf.set(session.csrf_token);
      return me;
    },
    retry: false,
    staleTime: 60_000,
  });

export const useModel = () =>
  useQuery({
    queryKey: ["model"],
    queryFn: () => told(api.GET("/api/model")) as Promise<Designs>,
    staleTime: 60_000,
  });

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { login: string; password: string }) => told(api.POST("/api/session", { body: given })),
    onSuccess: (answer) => {
      csrf.set(answer.csrf_token);
      client.clear();
    },
  });
}

/** The ways beside a password. Without an answer there is still the password. */
export function useSignInWays() {
  return useQuery({
    queryKey: ["sign-in-ways"],
    queryFn: async () => (await told(api.GET("/api/sign-in-ways"))).items,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** Whatever the server says: nothing that was seen stays behind, on the page or in memory. */
export const useSignOut = () =>
  useMutation({
    mutationFn: () => told(api.DELETE("/api/session")),
    onSettled: () => {
      noteLeft();
      window.location.assign("/sign-in");
    },
  });

/** A page of an object's records: the one place where what is on the wire becomes rows of the model. */
export const listRecords = (
  object: string,
  query: { filter?: string; sort?: string; search?: string; fields?: string; cursor?: string; limit?: number },
): Promise<Page> => told(api.GET("/api/records/{object}", { params: { path: { object }, query } })) as Promise<Page>;

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
      const given = Object.entries({ ...listing, cursor: pageParam }).filter(([, value]) => value);
      const query = { limit, ...Object.fromEntries(given) };
      return listRecords(object, query);
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    retry: false,
  });
}

export const useRecord = (object: string, id: string | undefined) =>
  useQuery({
    queryKey: ["record", object, id],
    queryFn: () =>
      told(api.GET("/api/records/{object}/{id}", { params: { path: { object, id: id ?? "" } } })) as Promise<RecordRow>,
    enabled: id !== undefined && id !== "new",
    retry: false,
  });

export const useHistory = (object: string, id: string) =>
  useQuery({
    queryKey: ["history", object, id],
    queryFn: () =>
      told(api.GET("/api/records/{object}/{id}/history", { params: { path: { object, id } } })) as Promise<{
        items: HistoryEntry[];
      }>,
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
      (id === undefined
        ? told(
            api.POST("/api/records/{object}", {
              params: { path: { object }, header: { "Idempotency-Key": crypto.randomUUID() } },
              body: values,
            }),
          )
        : told(
            api.PATCH("/api/records/{object}/{id}", {
              params: { path: { object, id }, header: { "If-Match": `"${version}"` } },
              body: values,
            }),
          )) as Promise<Saved>,
    onSuccess: () => refresh(client, object),
  });
}

export function useRecordAction(object: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      id,
      ...asked
    }: { id: string } & ({ action: "delete" } | { action: "undo"; body: { seq: number } })) =>
      asked.action === "delete"
        ? told<unknown>(api.DELETE("/api/records/{object}/{id}", { params: { path: { object, id } } }))
        : told<unknown>(
            api.POST("/api/records/{object}/{id}/undo", { params: { path: { object, id } }, body: asked.body }),
          ),
    onSuccess: () => refresh(client, object),
  });
}

/** After one's own change: what shows records of the object, and the panels of a record, which show others' too. */
export function refresh(client: ReturnType<typeof useQueryClient>, object: string): void {
  refreshRecords(client, object);
  void client.invalidateQueries({ queryKey: ["panels"] });
}

export function refreshRecords(client: ReturnType<typeof useQueryClient>, object: string): void {
  for (const key of ["records", "record", "history"]) void client.invalidateQueries({ queryKey: [key, object] });
}
