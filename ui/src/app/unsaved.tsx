import { useBlocker } from "@tanstack/react-router";
import { App } from "antd";
import { useCallback, useEffect, useRef } from "react";
import { useWords } from "./language";

/** What of an address says which thing is open: a filter or a view may change under what was typed. */
const OPEN = ["record", "item", "object", "role", "source"] as const;

interface Place {
  pathname: string;
  search: unknown;
}

/** Whether going from one address to another leaves what is open. */
export function isLeft(current: Place, next: Place): boolean {
  const [before, after] = [current.search, next.search] as Record<string, unknown>[];
  return current.pathname !== next.pathname || OPEN.some((each) => before?.[each] !== after?.[each]);
}

/**
 * Asks before what was typed is left: by a link, the browser's back, closing the window, or by `leave`, which does what
 * closes a dialog. `release` is said when it was saved or thrown away, before one goes on.
 */
export function useUnsaved(unsaved: boolean) {
  const { t } = useWords();
  const { modal } = App.useApp();
  const held = useRef(unsaved);
  useEffect(() => {
    held.current = unsaved;
  }, [unsaved]);
  const asking = useRef<Promise<boolean>>(undefined);
  // Whoever wants to leave while the question stands waits for the same answer: a second one would lie under the first.
  const ask = useCallback(() => {
    asking.current ??= new Promise<boolean>((resolve) => {
      modal.confirm({
        title: t("unsaved"),
        content: t("unsavedLead"),
        okText: t("unsavedLeave"),
        okButtonProps: { danger: true },
        cancelText: t("unsavedStay"),
        // Enter pressed in haste loses nothing.
        autoFocusButton: "cancel",
        // Answered is gone: what bars the way must not stay for an animation whose end the browser never told.
        transitionName: "",
        maskTransitionName: "",
        onOk: () => resolve(true),
        onCancel: () => resolve(false),
      });
    }).finally(() => {
      asking.current = undefined;
    });
    return asking.current;
  }, [modal, t]);
  useBlocker({
    shouldBlockFn: async ({ current, next }) => held.current && isLeft(current, next) && !(await ask()),
    enableBeforeUnload: () => held.current,
  });
  const release = useCallback(() => {
    held.current = false;
  }, []);
  const leave = (act: () => void) => {
    const go = () => {
      release();
      act();
    };
    if (!held.current) go();
    else void ask().then((sure) => sure && go());
  };
  return { release, leave };
}
