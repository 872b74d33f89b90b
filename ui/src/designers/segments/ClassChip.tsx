import { Circle, CircleCheck, Info, OctagonAlert, TriangleAlert } from "lucide-react";
import type { Colour } from "../definitions";

const SHAPES = { red: OctagonAlert, yellow: TriangleAlert, green: CircleCheck, blue: Info, grey: Circle };

export const COLOURS: Colour[] = ["red", "yellow", "green", "blue", "grey"];

/** A class by shape, word and colour: none of them is the only sign. */
export function ClassChip({ colour, children }: { colour: Colour; children: React.ReactNode }) {
  const Shape = SHAPES[colour];
  return (
    <span className="chip level" data-colour={colour === "yellow" ? "amber" : colour === "grey" ? undefined : colour}>
      <Shape size={13} strokeWidth={1.8} aria-hidden />
      {children}
    </span>
  );
}
