import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { refresh } from "./queries";

/** Follows the event stream and refreshes what is on the screen. Gives whether the stream is open. */
export function useLive(signedIn: boolean): boolean {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!signedIn) return;
    const stream = new EventSource("/api/stream");
    const waiting = new Set<string>();
    let timer = 0;
    // A burst (an import, a bulk edit) becomes one refresh an object.
    const soon = (object: string) => {
      waiting.add(object);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        for (const each of waiting) refresh(client, each);
        waiting.clear();
      }, 120);
    };
    const told = () => void client.invalidateQueries({ queryKey: ["notices"] });
    stream.onopen = () => {
      setOpen(true);
      // What came while no stream was open was not told.
      told();
    };
    stream.onerror = () => setOpen(false);
    stream.addEventListener("record", (event) => soon((JSON.parse(event.data) as { object: string }).object));
    stream.addEventListener("notices", told);
    stream.addEventListener("model", () => void client.invalidateQueries({ queryKey: ["model"] }));
    return () => {
      window.clearTimeout(timer);
      stream.close();
      setOpen(false);
    };
  }, [client, signedIn]);
  return open;
}
