import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useAskedEvery } from "../../app/live-context";
import type { Drawn, Place } from "./boards";
import { objectsRead } from "./reads";

export const useBoards = () =>
  useQuery({
    queryKey: ["boards"],
    queryFn: () => told(api.GET("/api/boards")).then((found) => found.items),
    staleTime: 60_000,
  });

export const useBoard = (key: string) =>
  useQuery({
    queryKey: ["board", key],
    queryFn: () => told(api.GET("/api/boards/{board}", { params: { path: { board: key } } })) as Promise<Drawn>,
    refetchInterval: useAskedEvery(20_000),
    meta: { reads: (answer, model) => objectsRead(answer ? [answer as Drawn] : [], model) },
    placeholderData: (before) => (before?.board.key === key ? before : undefined),
  });

/** The panels at a place of a record's page, worked out for this record. */
export const usePanels = (object: string, id: string, place: Place, enabled = true) =>
  useQuery({
    queryKey: ["panels", object, id, place],
    queryFn: () =>
      told(api.GET("/api/records/{object}/{id}/panels", { params: { path: { object, id }, query: { place } } })).then(
        (found) => found.items as Drawn[],
      ),
    enabled: enabled && id !== "new",
    retry: false,
    refetchInterval: useAskedEvery(60_000),
    meta: { reads: (answer, model) => objectsRead((answer as Drawn[] | undefined) ?? [], model) },
  });
