import { useCallback, useState } from "react";

/** Which rows are chosen; with Shift, all between the last one touched and this one. */
export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string, at: number, range: boolean, all: readonly { id: string }[]) => void;
  put: (ids: Iterable<string>) => void;
}

export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<number>();
  const toggle = useCallback<Selection["toggle"]>(
    (id, at, range, all) => {
      setIds((before) => {
        const next = new Set(before);
        const on = !before.has(id);
        const [from, to] = range && last !== undefined ? [Math.min(last, at), Math.max(last, at)] : [at, at];
        for (const row of all.slice(from, to + 1)) on ? next.add(row.id) : next.delete(row.id);
        return next;
      });
      setLast(at);
    },
    [last],
  );
  const put = useCallback((given: Iterable<string>) => setIds(new Set(given)), []);
  return { ids, toggle, put };
}
