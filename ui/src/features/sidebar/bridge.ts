import type { PageSignature } from "../../api/schema";

/** Which chat the side-bar stands beside: a talk with one customer, or a room. */
export interface Chat {
  kind: "contact" | "room";
  id: string;
}

/** WeCom's own window around the page, after it has looked at the page's signature. */
export interface WeComWindow {
  /** null where the page was opened elsewhere than beside a chat with a customer. */
  chat: Chat | null;
  /** Puts a text into the chat, as the person; false if the person thought better of it. */
  send: (text: string) => Promise<boolean>;
}

/** The window does not let the page ask: the address, the application or its rights are not those that WeCom knows. */
export class WindowRefusal extends Error {}

const LOADS_AND_ANSWERS_WITHIN_MS = 10_000;

/** Where the vendor's SDK has a window to speak with; elsewhere it would wait for ever. */
export const isInWeCom = (agent: string = navigator.userAgent): boolean => /wxwork\//i.test(agent);

/**
 * Shows the page's signatures to WeCom's window and asks which chat it is; null in any other browser. The vendor's SDK
 * is part of our own files and comes only here: no script of another host is loaded (developer.work.weixin.qq.com/document/path/98560).
 */
export async function openWindow(signed: (url: string) => Promise<PageSignature>): Promise<WeComWindow | null> {
  if (!isInWeCom()) return null;
  return Promise.race([import("./wecom-sdk").then((room) => room.introduced(signed)), silence()]);
}

const silence = () =>
  new Promise<never>((_, reject) => {
    window.setTimeout(() => reject(new WindowRefusal("timeout")), LOADS_AND_ANSWERS_WITHIN_MS);
  });
