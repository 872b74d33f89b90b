import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { ChatCaptured, ChatOf } from "../../api/schema";
import { type Chat, chatBeside, clientBridge } from "./bridge";
import type { ChatSearch } from "./chat-search";

/** Which chat it is: as the address says, else as WeCom's window does; null where neither can. */
export function useChat(source: string, { chat, room }: ChatSearch) {
  return useQuery({
    queryKey: ["chat-beside", source, chat ?? null, room ?? null],
    queryFn: async (): Promise<Chat | null> => {
      if (chat !== undefined) return { kind: "contact", id: chat };
      if (room !== undefined) return { kind: "room", id: room };
      const bridge = clientBridge();
      if (bridge === undefined) return null;
      const page = window.location.href.split("#")[0] ?? "";
      return chatBeside(
        bridge,
        await told(
          api.GET("/api/sources/{source}/page-signature", { params: { path: { source }, query: { url: page } } }),
        ),
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

const keyOf = (source: string, chat: Chat) => ["side-bar", source, chat.kind, chat.id];

/** The customers of the chat: one of a talk of two, those who spoke in a room. */
export const useChatCustomers = (source: string, chat: Chat) =>
  useQuery({
    queryKey: keyOf(source, chat),
    queryFn: () =>
      told(
        api.GET("/api/side-bar/{source}/customer", {
          params: {
            path: { source },
            query: chat.kind === "contact" ? { external_user_id: chat.id } : { chat_id: chat.id },
          },
        }),
      ).then((found) => found.items),
    retry: false,
  });

/** Says who the chat's customer is, or that he is not. */
export function useLink(source: string, of: ChatOf) {
  const client = useQueryClient();
  const changed = () => void client.invalidateQueries({ queryKey: ["side-bar", source] });
  return {
    link: useMutation({
      mutationFn: (record: string) =>
        told(
          api.POST("/api/side-bar/{source}/link", {
            params: { path: { source } },
            body: { external_user_id: of.external_user_id, record },
          }),
        ),
      onSettled: changed,
    }),
    unlink: useMutation({
      mutationFn: () =>
        told<unknown>(
          api.DELETE("/api/side-bar/{source}/link/{external}", {
            params: { path: { source, external: of.external_user_id } },
          }),
        ),
      onSettled: changed,
    }),
  };
}

export interface Taken {
  note: string | null;
  files: string[];
  messages: string[];
  /** The same key is the same follow-up, however often it is sent. */
  key: string;
}

/** Takes a note, files and messages of the chat over to its customer. */
export function useTakeOver(source: string, of: ChatOf) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...taken }: Taken): Promise<ChatCaptured> =>
      told(
        api.POST("/api/side-bar/{source}/capture", {
          params: { path: { source } },
          headers: { "Idempotency-Key": key },
          body: { external_user_id: of.external_user_id, ...taken },
        }),
      ),
    onSuccess: (made) => refresh(client, made.object),
  });
}
