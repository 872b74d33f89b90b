import { CircleCheck, CircleMinus, Info, OctagonAlert, TriangleAlert } from "lucide-react";

const SHAPES = { red: OctagonAlert, yellow: TriangleAlert, green: CircleCheck, grey: CircleMinus, info: Info };
const COLOURS = { red: "red", yellow: "amber", green: "green", grey: undefined, info: "blue" };

/** A judgement by shape and word; colour is only a third sign of it. */
export function Level({ level, children }: { level: keyof typeof SHAPES; children: React.ReactNode }) {
  const Shape = SHAPES[level];
  return (
    <span className="chip level" data-colour={COLOURS[level]}>
      <Shape size={13} strokeWidth={1.8} aria-hidden />
      {children}
    </span>
  );
}

const LEVELS = new Map<string, keyof typeof SHAPES>([
  ["red", "red"],
  ["orange", "yellow"],
  ["yellow", "yellow"],
  ["green", "green"],
  ["grey", "grey"],
]);

/** How a class of a colour is shown. */
export const levelOfColour = (colour: string) => LEVELS.get(colour) ?? "info";
