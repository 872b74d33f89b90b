import { CircleCheck, Info, OctagonAlert, TriangleAlert } from "lucide-react";

const SHAPES = { red: OctagonAlert, yellow: TriangleAlert, green: CircleCheck, info: Info };

/** A judgement by shape and word; colour is only a third sign of it. */
export function Level({ level, children }: { level: "red" | "yellow" | "green" | "info"; children: React.ReactNode }) {
  const Shape = SHAPES[level];
  return (
    <span className="chip level" data-colour={level === "yellow" ? "amber" : level === "info" ? "blue" : level}>
      <Shape size={13} strokeWidth={1.8} aria-hidden />
      {children}
    </span>
  );
}
