import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { refresh } from "../../api/queries";

// Each is written for itself; so many at once keep the wait short and leave the server to others.
const AT_ONCE = 4;

export interface Outcome {
  done: number;
  /** What was refused, each reason once, with how many it met. */
  refused: Map<string, number>;
}

/** Does something with each, a few at a time. One that is refused keeps none of the others. */
export async function withEach<T>(items: T[], act: (item: T) => Promise<unknown>): Promise<Outcome> {
  const waiting = [...items];
  const outcome: Outcome = { done: 0, refused: new Map() };
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        await act(next);
        outcome.done += 1;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        outcome.refused.set(reason, (outcome.refused.get(reason) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}

/** The same for the rows of a page, which are asked for again once all are done. */
export function useWithEach(object: "task" | "signal") {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async <T>(items: T[], act: (item: T) => Promise<unknown>): Promise<Outcome> => {
    setBusy(true);
    try {
      return await withEach(items, act);
    } finally {
      setBusy(false);
      refresh(client, object);
    }
  };
  return { busy, run };
}
