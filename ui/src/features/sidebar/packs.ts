import { useMutation, useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { PackShown } from "../../api/schema";

export type { PackShown };

/** What is meant for the record, by its classes and fields. */
export const usePacks = (object: string, record: string) =>
  useQuery({
    queryKey: ["packs-for", object, record],
    queryFn: () =>
      told(api.GET("/api/content/for/{object}/{record}", { params: { path: { object, record } } })).then(
        (found) => found.items,
      ),
    retry: false,
  });

/** Tells the library that a pack was opened, or used, for the record (S0-25). */
export const useTellUse = (object: string, record: string) =>
  useMutation({
    mutationFn: ({ pack, event }: { pack: string; event: "opened" | "used" }) =>
      told<unknown>(
        api.POST("/api/content/{id}/events", {
          params: { path: { id: pack } },
          body: { event, about: { object, id: record } },
        }),
      ),
  });

const QUOTED = /“([^”]+)”/g;

/** What of a pack a customer may be told: the words it puts in quotation marks; a pack without any, line by line. */
export function sayable(body: string): string {
  const quoted = [...body.matchAll(QUOTED)].map((each) => each[1] ?? "");
  if (quoted.length > 0) return quoted.join("\n");
  return body
    .split("\n")
    .map((line) => line.replace(/^\s*(?:#+|[-*•]|\d+[.、])\s*/, "").trim())
    .filter((line) => line !== "")
    .join("\n");
}
