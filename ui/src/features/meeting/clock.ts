/** The morning meeting's two clocks (S3-12): fifteen minutes in all, ninety seconds an item, three items. */
export const WHOLE_S = 15 * 60;
export const ITEM_S = 90;
export const MOST_ITEMS = 3;

export interface Clocks {
  whole: number;
  item: number;
  /** The item's time is up: the next one's turn. */
  itemOver: boolean;
  /** The meeting's time is up, whatever is left. */
  over: boolean;
}

/** Seconds left, from the moments (ms) at which the meeting and the present item began. */
export function clocksAt(now: number, begun: number, itemBegun: number): Clocks {
  const whole = Math.max(0, Math.ceil(WHOLE_S - (now - begun) / 1000));
  const item = Math.max(0, Math.ceil(ITEM_S - (now - itemBegun) / 1000));
  return { whole, item, itemOver: item === 0, over: whole === 0 };
}

export const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
