import type { SignInWay } from "./schema";

/** The vendors' own clients, which know who their member is: inside one nobody types a password. */
const CLIENTS = { wecom: /wxwork\//i, dingtalk: /dingtalk/i } as const;
export type Client = keyof typeof CLIENTS;

export const clientOf = (agent: string = navigator.userAgent): Client | undefined =>
  (["wecom", "dingtalk"] as const).find((each) => CLIENTS[each].test(agent));

/** The one way that the client around the page opens; `place` tells it where a vendor has several. */
export function ownWay(
  ways: readonly SignInWay[],
  client: Client | undefined,
  place?: string | undefined,
): SignInWay | undefined {
  const own = ways.filter((each) => each.kind === client);
  return own.find((each) => each.place === place) ?? (own.length === 1 ? own[0] : undefined);
}

/** What to tell a person who was not let in, by the code of the reason; undefined for one that is told as it is. */
export const reasonOf = (code: string): string | undefined => REASONS[code];

/** Whether an answer came that was used or is too old: who is signed in meanwhile need not hear of it. */
export const isStale = (code: string): boolean => REASONS[code] === "again";

const REASONS: Readonly<Record<string, string>> = {
  "sign_in.code": "again",
  not_signed_in: "again",
  "oidc.refused": "again",
  "member.unknown": "unknown",
  "sign_in.outsider": "outsider",
  "sign_in.inactive": "inactive",
  "sign_in.no_workspace": "inactive",
  "account.disabled": "inactive",
  "sign_in.no_source": "notOpen",
  "wecom.refused": "application",
  "dingtalk.refused": "application",
  "source.secret_missing": "application",
  "wecom.unreachable": "away",
  "wecom.limited": "away",
  "dingtalk.unreachable": "away",
  "dingtalk.limited": "away",
  "sign_in.slow": "away",
  "oidc.unreachable": "away",
};

const MARK = "tongmai.entered";
const LEFT = "left";
const TRIED_FOR_MS = 60_000;

/** Whether the page may go to the vendor by itself: not for who has just left, and not for ever where no cookie stays. */
export function mayEnter(now: number): boolean {
  try {
    const mark = sessionStorage.getItem(MARK);
    return mark !== LEFT && now - Number(mark ?? 0) > TRIED_FOR_MS;
  } catch {
    // A browser that keeps no marks keeps no cookies either.
    return false;
  }
}

export const noteEntering = (now: number) => keep(String(now));
export const noteLeft = () => keep(LEFT);

function keep(mark: string) {
  try {
    sessionStorage.setItem(MARK, mark);
  } catch {
    // As above: then nothing goes by itself.
  }
}
