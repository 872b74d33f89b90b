import { useSyncExternalStore } from "react";

const KEPT = "tongmai.density";
const listeners = new Set<() => void>();

export type Density = "dense" | "easy";

/** Heights of a list's rows in pixels. */
export const ROW_HEIGHT: Record<Density, number> = { dense: 36, easy: 44 };

const kept = (): Density => (localStorage.getItem(KEPT) === "easy" ? "easy" : "dense");

export function chooseDensity(density: Density): void {
  localStorage.setItem(KEPT, density);
  for (const tell of listeners) tell();
}

/** How close together lists stand, in this browser. */
export const useDensity = (): Density =>
  useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, kept);
