import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { gathering } from "./gathering";
import { refreshRecords } from "./queries";
import type { Model } from "./types";

declare module "@tanstack/react-query" {
  interface Register {
    /** Of an answer that shows more than one object's records: which objects it was worked out from. */
    queryMeta: { reads?: (answer: unknown, model: Model | undefined) => ReadonlySet<string> };
  }
}

/** Follows the event stream and refreshes what is on the screen. Gives whether the stream is open. */
export function useLive(signedIn: boolean): boolean {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!signedIn) return;
    const stream = new EventSource("/api/stream");
    // A burst (an import, a bulk edit) becomes one refresh an object; what is worked out over many records costs more,
    // so it waits longer.
    const records = gathering(120, 1_000, (objects) => {
      for (const each of objects) refreshRecords(client, each);
    });
    const figures = gathering(800, 5_000, (objects) => refreshFigures(client, objects));
    const told = () => void client.invalidateQueries({ queryKey: ["notices"] });
    const objectOf = (event: MessageEvent<string>) => (JSON.parse(event.data) as { object: string }).object;
    let wasAway = false;
    stream.onopen = () => {
      setOpen(true);
      // What came while no stream was open was not told; records are, from where the stream was.
      told();
      if (wasAway) refreshFigures(client, null);
      wasAway = false;
    };
    stream.onerror = () => {
      setOpen(false);
      wasAway = true;
    };
    stream.addEventListener("record", (event) => {
      records.add(objectOf(event));
      figures.add(objectOf(event));
    });
    stream.addEventListener("metrics", (event) => figures.add(objectOf(event)));
    stream.addEventListener("notices", told);
    // It ends with the session, or because the program stops: who one is tells the first.
    stream.addEventListener("end", (event) => {
      if ((JSON.parse(event.data) as { why: string }).why === "session")
        void client.invalidateQueries({ queryKey: ["me"] });
    });
    stream.addEventListener("model", () => void client.invalidateQueries({ queryKey: ["model"] }));
    return () => {
      records.stop();
      figures.stop();
      stream.close();
      setOpen(false);
    };
  }, [client, signedIn]);
  return open;
}

/** Asks anew for what was worked out from records of these objects, of any object for null. */
export function refreshFigures(client: QueryClient, objects: ReadonlySet<string> | null): void {
  const model = client.getQueryData<Model>(["model"]);
  void client.invalidateQueries({
    predicate: ({ meta, state }) => {
      if (meta?.reads === undefined) return false;
      const read = meta.reads(state.data, model);
      return objects === null || [...objects].some((each) => read.has(each));
    },
  });
}
