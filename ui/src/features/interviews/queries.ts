import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { sendFile } from "../transfer/sending";

/** The object of the app of interviews; its fields are the questions' keys. */
export const INTERVIEW = "interview";
export const APP = "interviews";

/** What front-line people said, as fields drafted for an object; refused where the app is not there. */
export const useDraft = (object: string) =>
  useQuery({
    queryKey: ["interviews", object],
    queryFn: () => told(api.GET("/api/interviews/{object}", { params: { path: { object } } })),
    retry: false,
    meta: { reads: () => new Set([INTERVIEW]) },
  });

/** The change of the model that the ticked drafts make. */
export const changeOf = (object: string, keys: string[]) =>
  told(api.POST("/api/interviews/{object}/actions", { params: { path: { object } }, body: { keys } }));

export const installApp = () =>
  told(
    api.POST("/api/apps/{app}/install", {
      params: { path: { app: APP }, query: { preview: false } },
      body: { theirs: [], scenarios: null },
    }),
  );

/** A recorded answer: it is kept, and its words come back. */
export async function hear(recording: File): Promise<{ file: string; text: string }> {
  const file = await sendFile(recording);
  const { text } = await told(api.POST("/api/interviews/hear", { body: { file } }));
  return { file, text };
}
