import { getContext, getCurExternalChat, getCurExternalContact, register, sendChatMessage } from "@wecom/jssdk";
import type { PageSignature } from "../../api/schema";
import { type Chat, type WeComWindow, WindowRefusal } from "./wecom-window";

const ASKS = ["getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage"];
/** How the page was opened (the vendor's `entry`), where that is beside one customer or a room of customers. */
const BESIDE: Readonly<Record<string, Chat["kind"]>> = {
  single_chat_tools: "contact",
  contact_profile: "contact",
  group_chat_tools: "room",
};

/**
 * The SDK asks for the signatures itself when it wants them, and anew when the page's address has changed: from 3.0.24 on
 * that of the application alone, before that also the corporation's. Rejects with what the window says.
 */
export async function introduced(signed: (url: string) => Promise<PageSignature>): Promise<WeComWindow> {
  const kept = new Map<string, Promise<PageSignature>>();
  const signatures = (url: string) => {
    const found = kept.get(url) ?? signed(url);
    kept.set(url, found);
    return found;
  };
  const own = await signatures(window.location.href.split("#")[0] ?? "");
  const known: Parameters<typeof register>[0] = { corpId: own.corp_id, agentId: own.agent_id ?? "", jsApiList: ASKS };
  register(known);
  // Only now: given at once, `register` begins by itself, and what the window then refuses is an error that nobody catches.
  known.getConfigSignature = async (url) => parts((await signatures(url)).config);
  known.getAgentConfigSignature = async (url) => parts((await signatures(url)).agent_config);
  return { chat: await beside(), send };
}

async function beside(): Promise<Chat | null> {
  const { entry } = await told(getContext());
  const kind = BESIDE[entry];
  if (kind === undefined) return null;
  const id = kind === "room" ? (await told(getCurExternalChat())).chatId : (await told(getCurExternalContact())).userId;
  return { kind, id };
}

async function send(text: string): Promise<boolean> {
  try {
    await sendChatMessage({ msgtype: "text", text: { content: text } });
    return true;
  } catch (refusal) {
    if (said(refusal).endsWith(":cancel")) return false;
    throw new WindowRefusal(said(refusal));
  }
}

async function told<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (refusal) {
    // What our own server answers goes through the SDK as it is.
    throw refusal instanceof Error ? refusal : new WindowRefusal(said(refusal));
  }
}

const said = (refusal: unknown): string =>
  refusal instanceof Error ? refusal.message : ((refusal as { errMsg?: string } | null)?.errMsg ?? "refused");

const parts = (given: PageSignature["config"]) => ({
  timestamp: given.timestamp,
  nonceStr: given.nonce,
  signature: given.signature,
});
