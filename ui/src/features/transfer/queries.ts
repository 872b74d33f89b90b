import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { ColumnGuessed, ImportPreview, JobShown } from "../../api/schema";

/** How rows meet records: only new ones, only those that are there, or both; the latter two find them by `key`. */
export type Mode = "insert" | "update" | "merge";

export interface Wishes {
  columns?: ColumnGuessed[];
  mode: Mode;
  key: string[];
  blanks: "keep" | "clear";
}

const bodyOf = (file: string, { columns, ...wishes }: Wishes) => ({
  file,
  ...wishes,
  key: wishes.mode === "insert" ? [] : wishes.key,
  ...(columns && {
    columns: columns.flatMap(({ column, field, match }) =>
      field === null ? [] : [{ column, field, match, create_missing: false }],
    ),
  }),
});

/** What the first rows would become; nothing is written. */
export const previewImport = async (object: string, file: string, wishes: Wishes): Promise<ImportPreview> =>
  (await told(
    api.POST("/api/records/{object}/import", {
      params: { path: { object }, query: { preview: true } },
      body: bodyOf(file, wishes),
    }),
  )) as ImportPreview;

/** Starts the import as a job. */
export const startImport = async (object: string, file: string, wishes: Wishes): Promise<JobShown> =>
  (await told(
    api.POST("/api/records/{object}/import", { params: { path: { object } }, body: bodyOf(file, wishes) }),
  )) as JobShown;

/** What an import's job counts. */
export interface Account {
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  refused: number;
}

const ENDED = new Set<JobShown["state"]>(["done", "failed", "cancelled", "undone"]);

export const hasEnded = (job: JobShown): boolean => ENDED.has(job.state);

/** A job as it goes on; with its end the object's records are asked for anew. */
export function useJob(id: string, object: string) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["job", id],
    queryFn: async () => {
      const found = await told(api.GET("/api/jobs/{id}", { params: { path: { id } } }));
      if (hasEnded(found)) refresh(client, object);
      return found;
    },
    refetchInterval: ({ state }) => (state.data !== undefined && hasEnded(state.data) ? false : 400),
  });
}
