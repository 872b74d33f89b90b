import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageSignature } from "../src/api/schema";
import type { ObjectDef } from "../src/api/types";
import { isInWeCom } from "../src/features/sidebar/bridge";
import { chatSearch } from "../src/features/sidebar/chat-search";
import { followUpsOf } from "../src/features/sidebar/follow-ups";
import { sayable } from "../src/features/sidebar/packs";

const signed: PageSignature = {
  corp_id: "ww1",
  agent_id: 7,
  config: { timestamp: 1, nonce: "a", signature: "c0" },
  agent_config: { timestamp: 2, nonce: "b", signature: "a0" },
};
const CLIENT =
  "Mozilla/5.0 (Windows NT 10.0) Chrome/108 Safari/537.36 wxwork/4.1.30 MicroMessenger/7.0.1 WindowsWechat";
const OLD_CLIENT = CLIENT.replace("4.1.30", "3.0.10");

interface Told {
  err_msg?: string;
  [name: string]: unknown;
}
type Invoke = (name: string, given: Record<string, unknown>, told: (answer: Told) => void) => void;

/** The client's own side of the bridge: it answers each call as given, and keeps what it was asked. */
async function inWindow(answers: Record<string, Told>, agent = CLIENT) {
  const asked: [string, Record<string, unknown>][] = [];
  const invoke: Invoke = (name, given, told) => {
    asked.push([name, given]);
    told({ err_msg: `${name}:ok`, ...answers[name] });
  };
  vi.stubGlobal("WeixinJSBridge", { invoke, on: () => {} });
  vi.stubGlobal("navigator", { userAgent: agent, platform: "Win32", maxTouchPoints: 0 });
  // The vendor's SDK looks at its surroundings once, when it is loaded.
  vi.resetModules();
  const { introduced } = await import("../src/features/sidebar/wecom-sdk");
  const urls: string[] = [];
  const opened = introduced(async (url) => {
    urls.push(url);
    return signed;
  });
  return { opened, asked, urls };
}

describe("WeCom's window", () => {
  beforeEach(() => vi.unstubAllGlobals());
  afterEach(() => vi.unstubAllGlobals());

  it("tells whose chat it is after it has seen the application's signature of this page", async () => {
    const { opened, asked, urls } = await inWindow({
      getContext: { entry: "single_chat_tools" },
      getCurExternalContact: { userId: "wm1" },
    });
    expect((await opened).chat).toEqual({ kind: "contact", id: "wm1" });
    expect(urls).toEqual([window.location.href.split("#")[0]]);
    expect(asked.map(([name]) => name)).toEqual(["agentConfig", "getContext", "getCurExternalContact"]);
    expect(asked[0]?.[1]).toMatchObject({
      corpid: "ww1",
      agentid: "7",
      timestamp: "2",
      nonceStr: "b",
      signature: "a0",
    });
  });
  it("shows an old client the corporation's signature first", async () => {
    const { opened, asked } = await inWindow(
      { getContext: { entry: "group_chat_tools" }, getCurExternalChat: { chatId: "wr1" } },
      OLD_CLIENT,
    );
    expect((await opened).chat).toEqual({ kind: "room", id: "wr1" });
    expect(asked.slice(0, 2).map(([name]) => name)).toEqual(["preVerifyJSAPI", "agentConfig"]);
    expect(asked[0]?.[1]).toMatchObject({ verifyNonceStr: "a", verifySignature: "c0" });
  });
  it("says what it refuses, and knows of no chat where the page was opened elsewhere", async () => {
    const refused = await inWindow({ agentConfig: { err_msg: "agentConfig:fail_invalid signature" } });
    await expect(refused.opened).rejects.toThrow("agentConfig:invalid signature");
    const elsewhere = await inWindow({ getContext: { entry: "normal" } });
    expect((await elsewhere.opened).chat).toBeNull();
  });
  it("takes a text into the chat, or not, as the person decides there", async () => {
    const beside = { getContext: { entry: "single_chat_tools" }, getCurExternalContact: { userId: "wm1" } };
    const { opened, asked } = await inWindow(beside);
    expect(await (await opened).send("您好")).toBe(true);
    expect(asked.at(-1)?.[1]).toMatchObject({ msgtype: "text", text: { content: "您好" } });
    const cancelled = await inWindow({ ...beside, sendChatMessage: { err_msg: "sendChatMessage:cancel" } });
    expect(await (await cancelled.opened).send("您好")).toBe(false);
    const refused = await inWindow({ ...beside, sendChatMessage: { err_msg: "sendChatMessage:fail_no permission" } });
    await expect((await refused.opened).send("您好")).rejects.toThrow("no permission");
  });
  it("is known by its name, which a plain browser does not bear", () => {
    expect([isInWeCom(CLIENT), isInWeCom("Mozilla/5.0 Chrome/120 Safari/537.36")]).toEqual([true, false]);
  });
});

describe("what of a pack may be said to a customer", () => {
  it("is what the pack puts in quotation marks", () => {
    expect(sayable("跳过后再发。\n- “先照顾好家人。”\n- “方便了再联系我。”\n不谈订单。")).toBe(
      "先照顾好家人。\n方便了再联系我。",
    );
  });
  it("is all of it, without the marks of a list, where it quotes nothing", () => {
    expect(sayable("# 对比\n- 参数\n2. 质保\n\n到货")).toBe("对比\n参数\n质保\n到货");
  });
});

describe("the address of the side-bar", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(chatSearch({ chat: "wm1", room: "", source: 7, workspace: "start", x: "y" })).toEqual({
      chat: "wm1",
      workspace: "start",
    });
  });
});

describe("what a follow-up can hold", () => {
  const field = (target: string, many: boolean) => ({ key: target, type: "relation", options: { target, many } });
  const objects = [
    { key: "follow_up", fields: [field("message", true), field("customer", false), { key: "papers", type: "file" }] },
    { key: "order", fields: [field("product", true), { key: "scans", type: "file" }] },
  ] as unknown as ObjectDef[];
  it("is what the object with light entry has a place for", () => {
    const found = followUpsOf(objects, [{ object: "follow_up" }]);
    expect([found?.files?.key, [...(found?.messages ?? [])]]).toEqual(["papers", ["message"]]);
  });
  it("is nothing for who may make none", () => {
    expect(followUpsOf(objects, [])).toBeUndefined();
  });
});
