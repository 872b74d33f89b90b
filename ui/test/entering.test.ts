import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clientOf, isStale, mayEnter, noteEntering, noteLeft, ownWay } from "../src/api/entering";

const ways = [
  { kind: "wecom" as const, address: "/api/sign-in/a/wecom", place: "a/wecom" },
  { kind: "wecom" as const, address: "/api/sign-in/b/wecom", place: "b/wecom" },
  { kind: "dingtalk" as const, address: "/api/sign-in/a/dingtalk", place: "a/dingtalk" },
];

describe("a vendor's own client", () => {
  it("is known by what it says of itself, and WeChat is none", () => {
    expect(clientOf("Mozilla/5.0 wxwork/4.1.30 MicroMessenger/7.0.1")).toBe("wecom");
    expect(clientOf("Mozilla/5.0 AliApp(DingTalk/7.0.50)")).toBe("dingtalk");
    expect(clientOf("Mozilla/5.0 MicroMessenger/8.0.40")).toBeUndefined();
  });

  it("opens its own way, and of several the one whose place is named", () => {
    expect(ownWay(ways, "dingtalk")?.place).toBe("a/dingtalk");
    expect(ownWay(ways, "wecom")).toBeUndefined();
    expect(ownWay(ways, "wecom", "b/wecom")?.address).toBe("/api/sign-in/b/wecom");
    expect(ownWay(ways, undefined, "b/wecom")).toBeUndefined();
  });
});

describe("going by itself", () => {
  const kept = new Map<string, string>();
  beforeEach(() => {
    kept.clear();
    vi.stubGlobal("sessionStorage", {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, mark: string) => kept.set(name, mark),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("happens once a minute at most, so that a browser without cookies is not sent round and round", () => {
    expect(mayEnter(1_000_000)).toBe(true);
    noteEntering(1_000_000);
    expect(mayEnter(1_030_000)).toBe(false);
    expect(mayEnter(1_061_000)).toBe(true);
  });

  it("does not happen to who has just signed out", () => {
    noteLeft();
    expect(mayEnter(9_000_000)).toBe(false);
  });

  it("does not happen where nothing can be kept", () => {
    vi.stubGlobal("sessionStorage", undefined);
    expect(mayEnter(1_000_000)).toBe(false);
    noteEntering(1);
  });
});

it("tells answers that came too late from those that say no", () => {
  expect(isStale("sign_in.code")).toBe(true);
  expect(isStale("member.unknown")).toBe(false);
});
