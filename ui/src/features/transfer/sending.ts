import { api, asForm, told } from "../../api/client";

/** Uploads a file and gives its id. */
export async function sendFile(content: File): Promise<string> {
  return (await told(api.POST("/api/files", { body: asForm(content) }))).id;
}
