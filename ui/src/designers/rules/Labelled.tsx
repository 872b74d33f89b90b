import type { ReactNode } from "react";
import { At } from "../faults/FaultPlaces";

/** A part of an action under its name; `at` is its place in the action, where faults of it are told. */
export function Labelled({ label, at, children }: { label: string; at?: string; children: ReactNode }) {
  return (
    <div className="labelled">
      <span>{label}</span>
      {at === undefined ? children : <At place={at}>{children}</At>}
    </div>
  );
}
