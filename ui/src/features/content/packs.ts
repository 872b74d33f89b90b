import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, told } from "../../api/client";
import { listRecords, refresh } from "../../api/queries";
import type { RecordRow } from "../../api/types";

export type ContentEvent = "opened" | "used" | "confirmed";

/** The library as the person may see it: what is published; for who keeps it also drafts and what was withdrawn. */
export const useLibrary = (search: string, keeper: boolean) =>
  useQuery({
    queryKey: ["records", "content", "library", search, keeper],
    queryFn: () =>
      listRecords("content", {
        sort: "title",
        limit: 200,
        ...(keeper ? {} : { filter: 'state = "published"' }),
        ...(search ? { search } : {}),
      }),
    placeholderData: (before) => before,
    retry: false,
  });

/** What the person must still read and confirm. */
export const useToConfirm = () =>
  useQuery({
    queryKey: ["packs", "to-confirm"],
    queryFn: () => told(api.GET("/api/content/to-confirm")).then((found) => found.items),
    retry: false,
  });

/** A published pack by its key; null where none is published under it any more. */
export const usePackByKey = (key: string) =>
  useQuery({
    queryKey: ["packs", "key", key],
    queryFn: async (): Promise<RecordRow | null> => {
      const filter = `key = ${JSON.stringify(key)} AND state = "published"`;
      return (await listRecords("content", { filter, limit: 1 })).items[0] ?? null;
    },
    retry: false,
  });

export const useEditions = (id: string) =>
  useQuery({
    queryKey: ["packs", "editions", id],
    queryFn: () =>
      told(api.GET("/api/content/{id}/editions", { params: { path: { id } } })).then((found) => found.items),
    retry: false,
  });

export const useReaders = (id: string) =>
  useQuery({
    queryKey: ["packs", "readers", id],
    queryFn: () => told(api.GET("/api/content/{id}/readers", { params: { path: { id } } })),
    retry: false,
  });

export const useUsage = (id: string) =>
  useQuery({
    queryKey: ["packs", "usage", id],
    queryFn: () => told(api.GET("/api/content/{id}/usage", { params: { path: { id } } })).then((found) => found.items),
    retry: false,
  });

/** Tells the library what was done with a pack's present edition, and for which record. */
export function useTell(id: string, about?: { object: string; id: string }) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (event: ContentEvent) =>
      told<unknown>(
        api.POST("/api/content/{id}/events", {
          params: { path: { id } },
          body: { event, ...(about ? { about } : {}) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["packs"] }),
  });
}

/** Tells the library that a published pack was opened: once a look, however often the reader draws itself. */
export function useOpened(id: string, isPublished: boolean, about?: { object: string; id: string }) {
  const { mutate } = useTell(id, about);
  const told = useRef(false);
  useEffect(() => {
    if (!isPublished || told.current) return;
    told.current = true;
    mutate("opened");
  }, [isPublished, mutate]);
}

export function usePublish(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => told(api.POST("/api/content/{id}/publish", { params: { path: { id } } })),
    onSuccess: () => {
      refresh(client, "content");
      void client.invalidateQueries({ queryKey: ["packs"] });
    },
  });
}
