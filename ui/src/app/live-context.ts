import { createContext, useContext } from "react";

/** Whether the event stream is open. */
export const LiveContext = createContext(false);

// What nobody changed may still be another by the clock: a quote that waits 48 hours now, a task put off until now.
const BY_THE_CLOCK_MS = 300_000;

/** How often (ms) to ask anew: so often without the stream, which tells of every change. */
export const useAskedEvery = (withoutStream: number): number =>
  useContext(LiveContext) ? BY_THE_CLOCK_MS : withoutStream;
