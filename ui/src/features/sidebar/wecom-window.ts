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
