/** Gathers what comes in a burst and hands it on together. */
export interface Gathering {
  add(one: string): void;
  /** Hands on at once what has been gathered. */
  flush(): void;
  stop(): void;
}

/**
 * Hands on after so long a silence (ms), at the latest so long after the first of a burst. While nobody looks at the
 * page, what comes waits until somebody does.
 */
export function gathering(silence: number, atMost: number, act: (gathered: ReadonlySet<string>) => void): Gathering {
  let waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size === 0 || document.hidden) return;
    const gathered = waiting;
    waiting = new Set();
    act(gathered);
  };
  const seen = () => !document.hidden && flush();
  document.addEventListener("visibilitychange", seen);
  return {
    add(one) {
      if (timer === undefined) since = Date.now();
      waiting.add(one);
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(silence, since + atMost - Date.now())));
    },
    flush,
    stop() {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
