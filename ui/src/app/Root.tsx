import { Outlet, useLocation } from "@tanstack/react-router";
import { Shell } from "./Shell";

/** Pages that stand in a narrow window of another program: none of our own navigation is around them. */
const ALONE: ReadonlySet<string> = new Set(["/sidebar"]);

export function Root() {
  const path = useLocation({ select: (location) => location.pathname });
  return ALONE.has(path) ? <Outlet /> : <Shell />;
}
