import { call } from "../../api/client";
import type { FileShown } from "../../api/schema";

/** Uploads a file and gives its id. */
export async function sendFile(content: File): Promise<string> {
  const form = new FormData();
  form.append("file", content, content.name);
  return (await call<FileShown>("POST", "/api/files", form)).id;
}
