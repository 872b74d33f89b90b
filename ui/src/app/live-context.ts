import { createContext } from "react";

/** Whether the event stream is open. */
export const LiveContext = createContext(false);
