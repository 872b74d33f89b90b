import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { OwnWordsOutput, SignalWordList, SignalWords, WordsTried } from "../../api/schema";

export type { SignalWords, WordsTried };
export type Kind = NonNullable<SignalWords["shipped"]>;
/** A workspace's own words of a kind; `without` are shipped words it leaves out. */
export type Words = OwnWordsOutput;

const KEY = ["signal-words"];

export const useSignalWords = () =>
  useQuery({
    queryKey: KEY,
    queryFn: () => told(api.GET("/api/signal-words")),
    retry: false,
    // While old messages are read again, how far they are is asked for now and then.
    refetchInterval: (query) => (query.state.data && isRereading(query.state.data) ? 5_000 : false),
  });

/** How far old messages were read again by the present words, of all sources together; null when all were. */
export function rereadShare(found: SignalWordList): number | null {
  const open = found.reread.filter((each) => each.finished_at === null);
  return open.length ? open.reduce((sum, each) => sum + each.share, 0) / open.length : null;
}

const isRereading = (found: SignalWordList) => rereadShare(found) !== null;

export const useTryWords = () =>
  useMutation({
    mutationFn: (given: { words: Words; messages: number }) =>
      told(api.POST("/api/signal-words/trial", { body: given })),
  });

function useWordsCall<A, T>(ask: (given: A) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: ask, onSettled: () => void client.invalidateQueries({ queryKey: KEY }) });
}

export const usePutWords = () =>
  useWordsCall((given: { words: Words; version: number }) =>
    told(api.PUT("/api/signal-words/{kind}", { params: { path: { kind: given.words.key } }, body: given })),
  );

export const useRemoveWords = () =>
  useWordsCall((given: { key: string; version: number }) =>
    told<unknown>(
      api.DELETE("/api/signal-words/{kind}", {
        params: { path: { kind: given.key }, query: { version: given.version } },
      }),
    ),
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
