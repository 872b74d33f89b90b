import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { AgreementShown } from "../../api/schema";

export const STATES = ["agreed", "withdrawn", "refused", "unanswered"] as const;
export type AgreementState = (typeof STATES)[number];

/** Colour and shape are the second sign of a state; its word is the first. */
export const LEVELS = { agreed: "green", withdrawn: "red", refused: "yellow", unanswered: "grey" } as const;

export interface Narrowed {
  state?: AgreementState;
  customer?: string;
  person?: string;
}

/** What of the ledger is asked for, as the API takes it: nothing stands for all. */
export const asked = ({ state, customer, person }: Narrowed): Narrowed => ({
  ...(state ? { state } : {}),
  ...(customer ? { customer } : {}),
  ...(person ? { person } : {}),
});

export const exportAddress = (narrowed: Narrowed): string => {
  const query = new URLSearchParams(Object.entries(asked(narrowed))).toString();
  return `/api/consents/export${query ? `?${query}` : ""}`;
};

/** With whom the customer agreed or not: the person, the vendor's name of one who is none here, or a room. */
export const otherSide = (each: AgreementShown, room: string): string =>
  each.room ? room : (each.member?.label ?? each.member_id);

export const useLedger = (narrowed: Narrowed) =>
  useInfiniteQuery({
    queryKey: ["consents", asked(narrowed)],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/consents", {
          params: { query: { ...asked(narrowed), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
  });

export const useRecordConsent = (object: string, id: string, wanted: boolean) =>
  useQuery({
    queryKey: ["consent", object, id],
    queryFn: () => told(api.GET("/api/records/{object}/{id}/consent", { params: { path: { object, id } } })),
    enabled: wanted,
    retry: false,
  });
