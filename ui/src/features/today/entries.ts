import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { EntryOffer, EntryWritten } from "../../api/schema";

export type { EntryOffer };
export type Entered = EntryWritten;

/** What can be tapped about one's own records; `near` a record (a chat's customer), about what belongs to it. */
export const useEntryOffers = (near?: string) =>
  useQuery({
    queryKey: ["light-entry", near ?? "own"],
    queryFn: () =>
      told(api.GET("/api/light-entry", { params: { query: near === undefined ? {} : { near } } })).then(
        (found) => found.items,
      ),
    staleTime: 30_000,
    retry: false,
  });

/** One tap; `seconds` since the row was first touched tell how long entry takes. */
export function useEnter(offer: EntryOffer) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { preset: string; about: string; values: Record<string, string>; seconds: number }) =>
      told(
        api.POST("/api/light-entry/{preset}", {
          params: { path: { preset: given.preset } },
          body: { object: offer.object, about: given.about, values: given.values, seconds: given.seconds },
        }),
      ),
    onSuccess: () => entered(client, offer),
  });
}

export function useUndoEntry(offer: EntryOffer) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => told(api.POST("/api/light-entry/{entry}/undo", { params: { path: { entry: id } } })),
    onSuccess: () => entered(client, offer),
  });
}

function entered(client: ReturnType<typeof useQueryClient>, offer: EntryOffer): void {
  refresh(client, offer.object);
  refresh(client, offer.about);
  void client.invalidateQueries({ queryKey: ["light-entry"] });
}

/** The presets that fit a record now, in the order of the offer. */
export function fitting(offer: EntryOffer, subject: string | undefined): EntryOffer["presets"] {
  const fits = offer.subjects.find((each) => each.id === subject)?.presets ?? [];
  return offer.presets.filter((each) => fits.includes(each.key));
}

/** Whole seconds between two moments in milliseconds, as the API takes them: never below nought nor beyond a day. */
export const secondsSince = (from: number, to: number): number =>
  Math.min(86_400, Math.max(0, Math.round((to - from) / 1000)));
