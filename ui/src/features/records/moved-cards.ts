import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSave } from "../../api/queries";
import type { RecordRow } from "../../api/types";

export const laneOf = (row: RecordRow, by: string): string => String(row[by] ?? "");

/** A lane's cards: those on their way stand where they were set down, in no other lane, until all lanes are read anew. */
export function placed(
  rows: RecordRow[],
  moved: ReadonlyMap<string, RecordRow>,
  by: string,
  lane: string,
): RecordRow[] {
  const here = [...moved.values()].filter((each) => laneOf(each, by) === lane);
  const known = new Set(rows.map((each) => each.id));
  return [
    ...here.filter((each) => !known.has(each.id)),
    ...rows.flatMap((each) => {
      const now = moved.get(each.id);
      return now === undefined ? [each] : laneOf(now, by) === lane ? [now] : [];
    }),
  ];
}

/** Moves a card at once; each lane is a list of its own, and one would show it before another has let it go. */
export function useMovedCards(object: string, by: string, refused: (error: Error) => void) {
  const client = useQueryClient();
  const save = useSave(object);
  const [moved, setMoved] = useState<ReadonlyMap<string, RecordRow>>(new Map());
  const set = (id: string, row?: RecordRow) =>
    setMoved((before) => {
      const next = new Map(before);
      if (row === undefined) next.delete(id);
      else next.set(id, row);
      return next;
    });
  const move = async (row: RecordRow, lane: string) => {
    const value = lane === "" ? null : lane;
    set(row.id, { ...row, [by]: value });
    try {
      const { record } = await save.mutateAsync({ id: row.id, version: row.version, values: { [by]: value } });
      set(row.id, record);
      await client.invalidateQueries({ queryKey: ["records", object] }, { cancelRefetch: false });
    } catch (error) {
      refused(error as Error);
    } finally {
      set(row.id);
    }
  };
  return { moved, move };
}
