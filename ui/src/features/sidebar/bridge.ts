import type { PageSignature } from "../../api/schema";
import { type WeComWindow, WindowRefusal } from "./wecom-window";

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
