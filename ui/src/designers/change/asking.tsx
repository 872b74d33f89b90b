import { type ReactNode, useState } from "react";
import { useUnsaved } from "../../app/unsaved";
import type { ModelAction } from "./action";
import { ChangeDialog } from "./ChangeDialog";

export interface Asked {
  title: string;
  actions: ModelAction[];
}

/** A change of the model that is asked for, looked at, and put into force or put away. */
export interface Change {
  readonly asked: Asked | undefined;
  ask: (asked: Asked) => void;
  putAway: () => void;
  onApplied: () => void;
}

export function useChange(then?: () => void): Change {
  const [asked, ask] = useState<Asked>();
  const putAway = () => ask(undefined);
  const onApplied = () => {
    putAway();
    then?.();
  };
  return { asked, ask, putAway, onApplied };
}

/** The change that a draft would make. Leaving it asks first, until it is in force. */
export function useDraftChange(unsaved: boolean, then?: () => void) {
  const { release, leave } = useUnsaved(unsaved);
  const change = useChange(() => {
    release();
    then?.();
  });
  return { ...change, leave };
}

/** Its dialog while it is asked for; the children tell whom it concerns. Inside the draft, whose inputs show refusals. */
export function AskedChange({ change, children }: { change: Change; children?: ReactNode }) {
  if (change.asked === undefined) return null;
  return (
    <ChangeDialog {...change.asked} onApplied={change.onApplied} onClose={change.putAway}>
      {children}
    </ChangeDialog>
  );
}
