import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSave } from "../../api/queries";
import type { RecordRow } from "../../api/types";

export const laneOf = (row: RecordRow, by: string): string => String(row[by] ?? "");

/** The latest version of each card, whichever lane has read it. */
export function latestOf(lanes: Iterable<RecordRow[]>): Map<string, number> {
  const latest = new Map<string, number>();
  for (const rows of lanes)
    for (const { id, version } of rows) latest.set(id, Math.max(version, latest.get(id) ?? version));
  return latest;
}

/**
 * A lane's cards: those on their way stand where they were set down, in no other lane, until all lanes are read anew.
 * Each lane is read at a moment of its own: of two that have the same card, the one that read it later is right.
 */
export function placed(
  rows: RecordRow[],
  moved: ReadonlyMap<string, RecordRow>,
  latest: ReadonlyMap<string, number>,
  by: string,
  lane: string,
): RecordRow[] {
  const isLatest = (row: RecordRow) => row.version >= (latest.get(row.id) ?? row.version);
  // Where somebody has moved it on meanwhile, theirs is where it stands.
  const onTheirWay = new Map([...moved].filter(([, row]) => isLatest(row)));
  const here = [...onTheirWay.values()].filter((each) => laneOf(each, by) === lane);
  const known = new Set(rows.map((each) => each.id));
  return [
    ...here.filter((each) => !known.has(each.id)),
    ...rows.filter(isLatest).flatMap((each) => {
      const now = onTheirWay.get(each.id);
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
      await readAnew(client, object);
    } catch (error) {
      refused(error as Error);
    } finally {
      set(row.id);
    }
  };
  return { moved, move };
}

/** Until every lane has been read after the change. Another's change begins the reading anew, and ends the wait for it. */
async function readAnew(client: QueryClient, object: string): Promise<void> {
  const lanes = { queryKey: ["records", object] };
  await client.invalidateQueries(lanes, { cancelRefetch: false });
  while (client.isFetching(lanes) > 0)
    await client.refetchQueries({ ...lanes, fetchStatus: "fetching" }, { cancelRefetch: false });
}
