import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(max-width: 760px)");

/** Whether the page is as narrow as a phone: rows of two lines then take the grid's place. */
export function usePhone(): boolean {
  return useSyncExternalStore(
    (tell) => {
      narrow.addEventListener("change", tell);
      return () => narrow.removeEventListener("change", tell);
    },
    () => narrow.matches,
  );
}
