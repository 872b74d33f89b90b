import { csrf, Problem } from "../../api/client";

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
  const answer = await fetch("/api/files", {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRF-Token": csrf.get(), "Accept-Language": document.documentElement.lang },
    body: form,
  });
  const told = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Problem(answer.status, told);
  return String(told.id);
}
