import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { ChatCaptured, ChatOf } from "../../api/schema";
import { openWindow } from "./bridge";
import type { ChatSearch } from "./chat-search";
import type { Chat } from "./wecom-window";

/** WeCom's window around the page: which chat it stands beside, and the way into it; null in any other browser. */
export const useWindow = (source: string) =>
  useQuery({
    queryKey: ["wecom-window", source],
    queryFn: () =>
      openWindow((url) =>
        told(api.GET("/api/sources/{source}/page-signature", { params: { path: { source }, query: { url } } })),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** The chat that the address names. */
export function chatOf({ chat, room }: ChatSearch): Chat | undefined {
  if (chat !== undefined) return { kind: "contact", id: chat };
  return room === undefined ? undefined : { kind: "room", id: room };
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
