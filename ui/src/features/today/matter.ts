import type { Caption, MatterGroup } from "../../api/schema";
import type { RecordRow } from "../../api/types";

export type MatterKind = "task" | "signal";

/** Needs somebody now, today, or not yet. */
export type Urgency = "now" | "soon" | "later";

/** A task or a signal: what a day's page is made of. */
export interface Matter {
  kind: MatterKind;
  row: RecordRow;
}

/** Tasks or signals of one urgency and one rule: how many, whose, and the first of them. */
export interface Group extends Omit<MatterGroup, "items"> {
  kind: MatterKind;
  /** What its rule is called. */
  label: Caption | undefined;
  items: RecordRow[];
}
