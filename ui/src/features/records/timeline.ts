import { useQuery } from "@tanstack/react-query";
import { listRecords } from "../../api/queries";
import type { FieldDef, FieldValue, HistoryEntry, Page, RecordRow } from "../../api/types";
import type { Language } from "../../app/language";
import type { Drawn, Listed } from "../boards/boards";

/** What happened around a record: a change of it, work and signals about it, or a row that a panel puts here (a chat). */
export type Happening =
  | { kind: "change"; at: string; key: string; entry: HistoryEntry }
  | { kind: "task" | "signal"; at: string; key: string; row: RecordRow }
  | { kind: "talk"; at: string; key: string; row: RecordRow; widget: Listed };

/** The parts of a timeline that one can ask for alone. */
export const PARTS = ["all", "talk", "work", "change", "file"] as const;
export type Part = (typeof PARTS)[number];

/** Whether a happening belongs to a part; `files` are the record's fields that hold files. */
export function isPartOf(each: Happening, part: Part, files: readonly FieldDef[]): boolean {
  if (part === "all") return true;
  if (part === "work") return each.kind === "task" || each.kind === "signal";
  if (part === "file")
    return each.kind === "change" && files.some((field) => field.key in { ...each.entry.before, ...each.entry.after });
  return each.kind === part;
}

/** The rows of the panels whose place is the timeline, each at the moment that its list is sorted by. */
export function talkOf(panels: readonly Drawn[]): Happening[] {
  return panels.flatMap((panel) =>
    panel.widgets.flatMap(({ widget, found, faults }) => {
      if (widget.kind !== "list" || faults.length > 0 || found === null) return [];
      const moment = (widget.sort ?? "").split(",")[0]?.replace(/^-/, "") ?? "";
      return (found as Page).items.flatMap((row) =>
        typeof row[moment] === "string"
          ? [{ kind: "talk" as const, at: row[moment], key: `${widget.key} ${row.id}`, row, widget }]
          : [],
      );
    }),
  );
}

/** Tasks and signals about a record, as far as the person may see them. */
export const useWorkAbout = (kind: "task" | "signal", object: string, id: string, enabled: boolean) =>
  useQuery({
    queryKey: ["records", kind, "about", object, id],
    queryFn: () => {
      const filter = `subject_object = '${object}' AND subject_id = '${id}'`;
      return listRecords(kind, { filter, limit: 100 });
    },
    enabled,
    retry: false,
  });

/** All of it in one line, the newest first. */
export function inOrder(
  entries: HistoryEntry[],
  tasks: RecordRow[],
  signals: RecordRow[],
  talk: Happening[] = [],
): Happening[] {
  const found: Happening[] = [
    ...talk,
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

export const blank = (value: FieldValue | undefined): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Of the texts that rules made in both languages a change tells the reader's: the other says the same. */
export function inReadersLanguage(fields: FieldDef[], entry: HistoryEntry, language: Language): FieldDef[] {
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const isSaid = ({ key }: FieldDef) => !blank(entry.before?.[key]) || !blank(entry.after?.[key]);
  return fields.flatMap((field) => {
    const english = byKey.get(`${field.key}_en`);
    if (english === undefined) return field.key.endsWith("_en") && byKey.has(field.key.slice(0, -3)) ? [] : [field];
    const [first, other] = language === "en" ? [english, field] : [field, english];
    return [{ ...(isSaid(first) || !isSaid(other) ? first : other), label: field.label }];
  });
}
