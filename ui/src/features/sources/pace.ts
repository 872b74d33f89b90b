/** How far a pull was at a moment; `total` is known of few sources. */
export interface Reached {
  done: number;
  total: number | null;
  /** Milliseconds, as `Date.now` has them. */
  at: number;
}

/** Rows a second between two looks, and the rows and minutes that are left where the source tells how many it has. */
export function paceOf(first: Reached, now: Reached): { rate?: number; left?: number; minutes?: number } {
  const seconds = (now.at - first.at) / 1000;
  const rate = seconds >= 1 && now.done > first.done ? (now.done - first.done) / seconds : undefined;
  const left = now.total === null || now.total < now.done ? undefined : now.total - now.done;
  return {
    ...(rate !== undefined && { rate: Math.max(1, Math.round(rate)) }),
    ...(left !== undefined && { left }),
    ...(rate !== undefined && left !== undefined && { minutes: Math.max(1, Math.ceil(left / rate / 60)) }),
  };
}
