import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { api, Problem, told } from "../../api/client";
import type { ChatFileShown } from "../../api/schema";
import { relatedLists } from "../records/related-lists";

/** Files of the chats about a record. They come with messages: what points to the record may bring one. */
export const useChatFiles = (object: string, id: string) =>
  useQuery({
    queryKey: ["chat-files", object, id],
    queryFn: async () =>
      (await told(api.GET("/api/records/{object}/{id}/chat-files", { params: { path: { object, id } } }))).items,
    meta: { reads: (_, model) => new Set(relatedLists(model?.objects ?? [], object).map((each) => each.object.key)) },
  });

export const chatFilePath = (file: ChatFileShown) =>
  `/api/records/${encodeURIComponent(file.object)}/${file.record}/chat-files/${file.number}`;

/** Its name; a picture or recording has none, and is called by what it is. */
export function nameOf(file: ChatFileShown, t: TFunction): string {
  if (file.name !== "") return file.name;
  return t(`chatFile_${["image", "voice", "video"].includes(file.kind) ? file.kind : "other"}`);
}

/** The file itself, to be sent where files are read. Raises a `Problem` where the archive does not have it. */
export async function chatFile(file: ChatFileShown, name: string): Promise<File> {
  const answer = await fetch(chatFilePath(file), { credentials: "same-origin" });
  if (!answer.ok) throw new Problem(answer.status, (await answer.json()) as Record<string, unknown>);
  return new File([await answer.blob()], name);
}
