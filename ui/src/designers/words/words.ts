import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Label } from "../../api/types";

export interface Kind {
  key: string;
  label: Label;
  keywords: string[];
  cancelled_by: string[];
  needs: "mobile" | null;
  present: boolean;
  ours: boolean;
  said_by: "customer" | "member" | "anybody";
}

/** A workspace's own words of a kind; `without` are shipped words it leaves out. */
export interface Words extends Kind {
  without: string[];
}

export interface Own {
  kind: string;
  words: Words | null;
  version: number;
  by: string | null;
  at: string;
}

export interface SignalWords {
  shipped: Kind | null;
  own: Own | null;
}

export interface WordsTried {
  messages: number;
  hits_now: number;
  hits: number;
  gained: number;
  lost: number;
  customers: number;
  unseen: number;
  refused: Record<string, number>;
  samples: {
    object: string;
    record: string;
    at: string | null;
    keyword: string;
    text: string;
    start: number;
    end: number;
    refused: string | null;
  }[];
}

const KEY = ["signal-words"];

export const useSignalWords = () =>
  useQuery({
    queryKey: KEY,
    queryFn: () => call<{ items: SignalWords[] }>("GET", "/api/signal-words").then((found) => found.items),
    retry: false,
  });

export const useTryWords = () =>
  useMutation({
    mutationFn: (given: { words: Words; messages: number }) =>
      call<WordsTried>("POST", "/api/signal-words/trial", given),
  });

function useWordsCall<A, T>(ask: (given: A) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: ask, onSettled: () => void client.invalidateQueries({ queryKey: KEY }) });
}

export const usePutWords = () =>
  useWordsCall((given: { words: Words; version: number }) =>
    call<Own>("PUT", `/api/signal-words/${given.words.key}`, given),
  );

export const useRemoveWords = () =>
  useWordsCall((given: { key: string; version: number }) =>
    call("DELETE", `/api/signal-words/${given.key}?version=${given.version}`),
  );

export const keyOf = (each: SignalWords): string => each.shipped?.key ?? each.own?.kind ?? "";

/** What is edited: the workspace's own, or nothing yet beside what is shipped. */
export function draftOf(each: SignalWords): Words {
  if (each.own?.words) return each.own.words;
  const shipped = each.shipped ?? blankKind();
  return { ...shipped, keywords: [], cancelled_by: [], without: [] };
}

export const blankKind = (): Words => ({
  key: "",
  label: { zh: "", en: "" },
  keywords: [],
  cancelled_by: [],
  without: [],
  needs: null,
  present: false,
  ours: false,
  said_by: "customer",
});

/** Words as people paste them: separated by commas, blanks of lines or stops; each once, in their order. */
export function readWords(text: string): string[] {
  const found = text.split(/[\n,，、;；]+/).map((each) => each.trim());
  return [...new Set(found.filter((each) => each !== ""))];
}

/** Right of all that were judged, 0 to 1; undefined while none was. */
export function precision(judged: Record<number, boolean>): number | undefined {
  const all = Object.values(judged);
  return all.length === 0 ? undefined : all.filter(Boolean).length / all.length;
}
