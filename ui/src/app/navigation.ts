import { useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { ObjectDef } from "../api/types";

// As many as can be told apart at a glance; of a few more than that none is put away.
export const AT_ONCE = 8;
const SPARED = 2;
// Habits change: from so many visits on the older ones count for half.
const MOST_VISITS = 100;

interface Kept {
  /** The parts of the navigation that the person opened (true) or closed. */
  open: Record<string, boolean>;
  /** How often each object's records were gone to. */
  visits: Record<string, number>;
}

/** The navigation as a person left it on this device. */
export function useNavigation(person: string) {
  const [kept, setKept] = useState(() => read(person));
  // What is most used is asked once: links do not change their places under the pointer.
  const [visits] = useState(kept.visits);
  const object = useLocation({ select: ({ pathname }) => /^\/records\/(\w+)/.exec(pathname)?.[1] });
  useEffect(() => {
    if (object !== undefined) setKept((before) => ({ ...before, visits: counted(before.visits, object) }));
  }, [object]);
  useEffect(() => localStorage.setItem(placeOf(person), JSON.stringify(kept)), [person, kept]);
  return {
    visits,
    isOpen: (part: string, unlessSaid: boolean) => kept.open[part] ?? unlessSaid,
    toggle: (part: string, open: boolean) =>
      setKept((before) => ({ ...before, open: { ...before.open, [part]: open } })),
  };
}

const placeOf = (person: string) => `tongmai.navigation.${person}`;

function read(person: string): Kept {
  try {
    const found: Partial<Kept> | null = JSON.parse(localStorage.getItem(placeOf(person)) ?? "null");
    return { open: found?.open ?? {}, visits: found?.visits ?? {} };
  } catch {
    return { open: {}, visits: {} };
  }
}

export function counted(visits: Record<string, number>, object: string): Record<string, number> {
  const found = { ...visits, [object]: (visits[object] ?? 0) + 1 };
  const all = Object.values(found).reduce((sum, each) => sum + each, 0);
  if (all < MOST_VISITS) return found;
  const halves = Object.entries(found).map(([key, count]): [string, number] => [key, Math.floor(count / 2)]);
  return Object.fromEntries(halves.filter(([, count]) => count > 0));
}

/** The objects used most and all others, both in the order that the company gave them. */
export function mostUsed(
  objects: ObjectDef[],
  visits: Record<string, number>,
  atOnce = AT_ONCE,
): { used: ObjectDef[]; others: ObjectDef[] } {
  if (objects.length <= atOnce + SPARED) return { used: objects, others: [] };
  const byUse = [...objects].sort((one, other) => (visits[other.key] ?? 0) - (visits[one.key] ?? 0));
  const chosen = new Set(byUse.slice(0, atOnce).map((each) => each.key));
  return {
    used: objects.filter((each) => chosen.has(each.key)),
    others: objects.filter((each) => !chosen.has(each.key)),
  };
}
