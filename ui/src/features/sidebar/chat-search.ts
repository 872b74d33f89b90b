/** What the address of the side-bar says: whose chats (a source), how to sign in (its workspace), and which chat it is. */
export interface ChatSearch {
  source?: string;
  workspace?: string;
  /** The customer of a talk of two, by his id with the source; inside WeCom its own window tells. */
  chat?: string;
  /** A room, by its id with the source. */
  room?: string;
}

/** The key of the shipped source, which an address need not name. */
export const USUAL_SOURCE = "wecom";

const NAMES = ["source", "workspace", "chat", "room"] as const;

export function chatSearch(given: Record<string, unknown>): ChatSearch {
  const found: ChatSearch = {};
  for (const name of NAMES) {
    const value = given[name];
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  return found;
}
