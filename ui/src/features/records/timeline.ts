import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { HistoryEntry, Page, RecordRow } from "../../api/types";

/** What happened around a record: a change of it, or work and signals about it. */
export type Happening =
  | { kind: "change"; at: string; key: string; entry: HistoryEntry }
  | { kind: "task" | "signal"; at: string; key: string; row: RecordRow };

/** Tasks and signals about a record, as far as the person may see them. */
export const useWorkAbout = (kind: "task" | "signal", object: string, id: string, enabled: boolean) =>
  useQuery({
    queryKey: ["records", kind, "about", object, id],
    queryFn: () => {
      const filter = `subject_object = '${object}' AND subject_id = '${id}'`;
      return call<Page>("GET", `/api/records/${kind}?${new URLSearchParams({ filter, limit: "100" })}`);
    },
    enabled,
    retry: false,
  });

/** All of it in one line, the newest first. */
export function inOrder(entries: HistoryEntry[], tasks: RecordRow[], signals: RecordRow[]): Happening[] {
  const found: Happening[] = [
    ...entries.map((entry) => ({ kind: "change" as const, at: entry.at, key: `c${entry.seq}`, entry })),
    ...tasks.map((row) => ({ kind: "task" as const, at: String(row.created_at), key: row.id, row })),
    ...signals.map((row) => ({
      kind: "signal" as const,
      at: String(row.started_at ?? row.created_at),
      key: row.id,
      row,
    })),
  ];
  return found.sort((one, other) => new Date(other.at).getTime() - new Date(one.at).getTime());
}
