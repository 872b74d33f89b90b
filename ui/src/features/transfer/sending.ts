import { call } from "../../api/client";
import type { FileShown } from "../../api/schema";

/** A job as the API shows it. */
export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled" | "undone";
  done: number;
  total: number | null;
  result: { read: number; inserted: number; updated: number; unchanged: number; refused: number } | null;
  error: { title?: string; detail?: string } | null;
}

/** Uploads a file and gives its id. */
export async function sendFile(content: File): Promise<string> {
  const form = new FormData();
  form.append("file", content, content.name);
  return (await call<FileShown>("POST", "/api/files", form)).id;
}
