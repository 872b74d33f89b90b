import type { ReactNode } from "react";

/** Says why there is nothing, and what to do about it. */
export function Empty({ title, lead, children }: { title: string; lead: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{lead}</p>
      {children}
    </div>
  );
}
