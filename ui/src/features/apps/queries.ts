import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { AppPlan } from "../../api/schema";

/** What is asked of an app: one that comes with the program (the whole of it, or what some scenarios need), one from an uploaded file, or its removal. */
export type Asked =
  | { kind: "install"; app: string; scenarios?: string[] | null }
  | { kind: "package"; file: string }
  | { kind: "remove"; app: string };

export const useApps = () => useQuery({ queryKey: ["apps"], queryFn: () => told(api.GET("/api/apps")), retry: false });

/** With which pains one may begin, and what each brings. */
export const useScenarios = (app: string) =>
  useQuery({
    queryKey: ["scenarios", app],
    queryFn: () =>
      told(api.GET("/api/apps/{app}/scenarios", { params: { path: { app } } })).then((found) => found.items),
    retry: false,
  });

/** What it would do, or with `preview` false does; `theirs` are the conflicts in which the app wins. */
export function ask(asked: Asked, theirs: string[], preview: boolean): Promise<AppPlan> {
  const query = { preview };
  if (asked.kind === "package")
    return told(api.POST("/api/apps/package", { params: { query }, body: { file: asked.file, theirs } }));
  const params = { path: { app: asked.app }, query };
  return asked.kind === "remove"
    ? told(api.DELETE("/api/apps/{app}", { params }))
    : told(api.POST("/api/apps/{app}/install", { params, body: { theirs, scenarios: asked.scenarios ?? null } }));
}
