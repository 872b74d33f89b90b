import { useSyncExternalStore } from "react";

const KEPT = "tongmai.theme";
const listeners = new Set<() => void>();

function isDark(): boolean {
  return document.documentElement.dataset.theme === "dark";
}

function set(dark: boolean): void {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  for (const tell of listeners) tell();
}

set((localStorage.getItem(KEPT) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether nothing shall move: asked for by a person, and by default where one works on a remote desktop. */
export function useStill(): boolean {
  return useSyncExternalStore(
    (tell) => {
      still.addEventListener("change", tell);
      return () => still.removeEventListener("change", tell);
    },
    () => still.matches,
  );
}

export function useTheme() {
  const dark = useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, isDark);
  const toggle = () => {
    localStorage.setItem(KEPT, dark ? "light" : "dark");
    set(!dark);
  };
  return { dark, toggle };
}
