import type { ReactNode } from "react";

/** A labelled input of the board editor. */
export function Line({ label, children, lead }: { label: string; children: ReactNode; lead?: string }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="line">
      <span>{label}</span>
      {children}
      {lead && <small className="lead">{lead}</small>}
    </label>
  );
}

/** Several inputs under one name, each with its own label for who cannot see that. */
export function Lines({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className="line">
      <legend>{label}</legend>
      {children}
    </fieldset>
  );
}
