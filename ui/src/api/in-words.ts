import type { Fault } from "./types";

/** A fault and the way out of it, in a line. */
export const inWords = ({ message, way_out }: Pick<Fault, "message" | "way_out">): string =>
  way_out ? `${message} · ${way_out}` : message;
