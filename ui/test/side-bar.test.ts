import { describe, expect, it } from "vitest";
import type { PageSignature } from "../src/api/schema";
import type { ObjectDef } from "../src/api/types";
import { type ClientBridge, chatBeside, clientBridge } from "../src/features/sidebar/bridge";
import { chatSearch } from "../src/features/sidebar/chat-search";
import { followUpsOf } from "../src/features/sidebar/follow-ups";

const signed: PageSignature = {
  corp_id: "ww1",
  agent_id: 7,
  config: { timestamp: 1, nonce: "a", signature: "c0" },
  agent_config: { timestamp: 2, nonce: "b", signature: "a0" },
};

/** WeCom's window: it answers each call as given, and keeps what it was shown. */
function windowOf(answers: Record<string, object>, refuses: { config?: string; agent?: string } = {}) {
  const shown: unknown[] = [];
  let ready = () => {};
  let failed = (_: { errMsg: string }) => {};
  const bridge: ClientBridge = {
    ready: (act) => {
      ready = act;
    },
    error: (act) => {
      failed = act;
    },
    config: (given) => {
      shown.push([given.appId, given.nonceStr, given.signature]);
      if (refuses.config) failed({ errMsg: refuses.config });
      else ready();
    },
    agentConfig: (given) => {
      shown.push([given.corpid, given.agentid, given.nonceStr, given.signature]);
      if (refuses.agent) given.fail({ errMsg: refuses.agent });
      else given.success();
    },
    invoke: (name, _, told) => told({ err_msg: `${name}:ok`, ...answers[name] }),
  };
  return { bridge, shown };
}

describe("WeCom's window", () => {
  it("tells whose chat it is after it has seen both signatures", async () => {
    const { bridge, shown } = windowOf({
      getContext: { entry: "single_chat_tools" },
      getCurExternalContact: { userId: "wm1" },
    });
    expect(await chatBeside(bridge, signed)).toEqual({ kind: "contact", id: "wm1" });
    expect(shown).toEqual([
      ["ww1", "a", "c0"],
      ["ww1", 7, "b", "a0"],
    ]);
  });
  it("tells which room it is", async () => {
    const { bridge } = windowOf({ getContext: { entry: "group_chat_tools" }, getCurExternalChat: { chatId: "wr1" } });
    expect(await chatBeside(bridge, signed)).toEqual({ kind: "room", id: "wr1" });
  });
  it("says what it refuses", async () => {
    const config = windowOf({}, { config: "config:invalid signature" }).bridge;
    await expect(chatBeside(config, signed)).rejects.toThrow("config: config:invalid signature");
    const agent = windowOf({}, { agent: "agentConfig:not match" }).bridge;
    await expect(chatBeside(agent, signed)).rejects.toThrow("agentConfig:not match");
    const nobody = windowOf({ getContext: { err_msg: "getContext:fail_nosupport" } }).bridge;
    await expect(chatBeside(nobody, signed)).rejects.toThrow("getContext:fail_nosupport");
  });
  it("is not there in a plain browser, nor with half of the calls", () => {
    expect(clientBridge({} as Window)).toBeUndefined();
    expect(clientBridge({ wx: { config: () => {} } } as unknown as Window)).toBeUndefined();
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
