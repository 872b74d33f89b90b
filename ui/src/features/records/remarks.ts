import type { Saved } from "../../api/queries";

/** What stands beside a field after saving: advice, and what a lookup found. By field key. */
export type Remarks = Record<string, string[]>;

export function remarksOf(saved: Saved, nothingFound: string): Remarks {
  const found: Remarks = {};
  for (const { field, message } of saved.hints) found[field] = [...(found[field] ?? []), message];
  for (const [field, other] of Object.entries(saved.lookups))
    found[field] = [...(found[field] ?? []), other === null ? nothingFound : String(other.show)];
  return found;
}
