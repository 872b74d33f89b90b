import type { PageSignature } from "../../api/schema";

/** Which chat the side-bar stands beside: a talk with one customer, or a room. */
export interface Chat {
  kind: "contact" | "room";
  id: string;
}

interface Signed {
  timestamp: number;
  nonceStr: string;
  signature: string;
}
interface Answer {
  err_msg?: string;
  errMsg?: string;
  entry?: string;
  userId?: string;
  chatId?: string;
}

/**
 * The JS-SDK as WeCom's window gives it to a page (developer.work.weixin.qq.com/document/path/90514 and 94313). Nothing is
 * loaded from the vendor: our pages let no foreign script in, so where the window brings none the address names the chat.
 */
export interface ClientBridge {
  config: (given: { beta: true; appId: string; jsApiList: string[] } & Signed) => void;
  ready: (act: () => void) => void;
  error: (act: (answer: Answer) => void) => void;
  agentConfig: (
    given: { corpid: string; agentid: number | null; jsApiList: string[] } & Signed & {
        success: () => void;
        fail: (answer: Answer) => void;
      },
  ) => void;
  invoke: (name: string, given: object, told: (answer: Answer) => void) => void;
}

const ASKS = ["getContext", "getCurExternalContact", "getCurExternalChat"];
const ROOM_ENTRY = "group_chat_tools";
const ANSWERS_WITHIN_MS = 10_000;

/** The bridge of the window around us; undefined in a plain browser. */
export function clientBridge(around: Window = window): ClientBridge | undefined {
  const given = (around as { wx?: Partial<ClientBridge> }).wx;
  return given?.agentConfig && given.invoke ? (given as ClientBridge) : undefined;
}

/** Asks the window which chat it is. Rejects with what the vendor says, or when nothing comes within ten seconds. */
export const chatBeside = (bridge: ClientBridge, signed: PageSignature): Promise<Chat> =>
  Promise.race([asked(bridge, signed), silence()]);

async function asked(bridge: ClientBridge, signed: PageSignature): Promise<Chat> {
  await introduced(bridge, signed);
  const { entry } = await invoked(bridge, "getContext");
  if (entry === ROOM_ENTRY) return { kind: "room", id: (await invoked(bridge, "getCurExternalChat")).chatId ?? "" };
  return { kind: "contact", id: (await invoked(bridge, "getCurExternalContact")).userId ?? "" };
}

/** The page shows its two signatures: that of the corporation, then that of the application. */
function introduced(bridge: ClientBridge, signed: PageSignature): Promise<void> {
  return new Promise((resolve, reject) => {
    bridge.error((answer) => reject(refusal("config", answer)));
    bridge.ready(() =>
      bridge.agentConfig({
        corpid: signed.corp_id,
        agentid: signed.agent_id,
        jsApiList: ASKS,
        ...parts(signed.agent_config),
        success: resolve,
        fail: (answer) => reject(refusal("agentConfig", answer)),
      }),
    );
    bridge.config({ beta: true, appId: signed.corp_id, jsApiList: ASKS, ...parts(signed.config) });
  });
}

function invoked(bridge: ClientBridge, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    bridge.invoke(name, {}, (answer) =>
      said(answer).endsWith(":ok") ? resolve(answer) : reject(refusal(name, answer)),
    );
  });
}

const silence = () =>
  new Promise<never>((_, reject) => {
    window.setTimeout(() => reject(new Error("timeout")), ANSWERS_WITHIN_MS);
  });

const parts = (given: PageSignature["config"]): Signed => ({
  timestamp: given.timestamp,
  nonceStr: given.nonce,
  signature: given.signature,
});

const said = (answer: Answer): string => answer.err_msg ?? answer.errMsg ?? "";
const refusal = (name: string, answer: Answer) => new Error(`${name}: ${said(answer) || "refused"}`);
