import type { ReactNode } from "react";
import { At } from "../../designers/faults/FaultPlaces";

interface Props {
  label: string;
  /** Its place in the widget or board, where faults of it are told. */
  at: string;
  children: ReactNode;
}

/** A labelled input of the board editor. */
export function Line({ label, at, children, lead }: Props & { lead?: string }) {
  return (
    <At place={at}>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is the child */}
      <label className="line">
        <span>{label}</span>
        {children}
        {lead && <small className="lead">{lead}</small>}
      </label>
    </At>
  );
}

/** Several inputs under one name, each with its own label for who cannot see that. */
export function Lines({ label, at, children }: Props) {
  return (
    <At place={at}>
      <fieldset className="line">
        <legend>{label}</legend>
        {children}
      </fieldset>
    </At>
  );
}
