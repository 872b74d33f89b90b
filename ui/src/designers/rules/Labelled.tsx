import type { ReactNode } from "react";

/** A part of an action under its name. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="labelled">
      <span>{label}</span>
      {children}
    </div>
  );
}
