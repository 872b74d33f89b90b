import { useLayoutEffect, useRef } from "react";

/** Of a row that is dealt with: when it leaves the list, who works by keys goes on at the next one, not at the top. */
export function useFocusHandedOn() {
  const row = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const leaving = row.current;
    return () => {
      if (!leaving?.contains(document.activeElement)) return;
      const next = leaving.nextElementSibling ?? leaving.previousElementSibling ?? leaving.closest(".work-group");
      next?.querySelector<HTMLElement>("button, a")?.focus();
    };
  }, []);
  return row;
}
