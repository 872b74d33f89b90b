import { useRouter, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { type FormEvent, useEffect, useState } from "react";
import { Problem } from "../api/client";
import { clientOf, mayEnter, noteEntering, ownWay, reasonOf } from "../api/entering";
import { useSignIn, useSignInWays } from "../api/queries";
import type { SignInWay } from "../api/schema";
import { chooseLanguage, useWords } from "./language";

interface Stopped {
  /** Goes on where somebody was stopped to sign in. */
  onSignedIn: () => void;
  /** The page to come back to from elsewhere. */
  from: string;
  /** Whose members: `workspace/source`. */
  place?: string | undefined;
}

/** Without `stopped` one goes on to the page that was asked for, or to one's day. Inside a vendor's own client, which
 * knows its member, the page goes there by itself. */
export function SignIn({ stopped }: { stopped?: Stopped }) {
  const { t, language } = useWords();
  const search = useSearch({ strict: false });
  const from = stopped?.from ?? search.from ?? "/";
  const ways = useSignInWays();
  const client = clientOf();
  const own = ownWay(ways.data ?? [], client, stopped?.place);
  const [may] = useState(() => search.refused === undefined && mayEnter(Date.now()));
  const goes = may && own !== undefined;
  useEffect(() => {
    if (!goes) return;
    noteEntering(Date.now());
    window.location.replace(addressOf(own, from));
  }, [goes, own, from]);
  if (client !== undefined && may && (goes || ways.isPending)) return <p className="centre blank">{t("signingIn")}</p>;
  return (
    <main className="centre">
      <div className="card">
        <img src="/favicon.svg" alt="" width={36} height={36} />
        <h1>{language === "zh" ? "通脉" : "Tongmai"}</h1>
        <p>{t("signInLead")}</p>
        {search.refused && <Refused code={search.refused} />}
        {own && <Way way={own} from={from} isOwn />}
        <PasswordForm from={from} onSignedIn={stopped?.onSignedIn} isFirst={!own} />
        {ways.data
          ?.filter((each) => each !== own)
          .map((each, _, all) => (
            <Way key={each.address} way={each} from={from} named={all.some((other) => isTwin(each, other))} />
          ))}
        <Button
          type="link"
          size="small"
          style={{ marginTop: 12, padding: 0 }}
          onClick={() => chooseLanguage(language === "zh" ? "en" : "zh")}
        >
          {t("language")}
        </Button>
      </div>
    </main>
  );
}

/** Why the way that one came by did not lead in. */
function Refused({ code }: { code: string }) {
  const { t } = useWords();
  const reason = reasonOf(code);
  return (
    <div role="alert" className="fault sign-in-refused">
      {reason === undefined ? t("signInRefused", { code }) : t(`signInRefused_${reason}`)}
    </div>
  );
}

function PasswordForm(props: { from: string; onSignedIn: (() => void) | undefined; isFirst: boolean }) {
  const { from, onSignedIn, isFirst } = props;
  const { t } = useWords();
  const signIn = useSignIn();
  const { history } = useRouter();
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    signIn.mutate(
      { login: String(given.get("login")), password: String(given.get("password")) },
      { onSuccess: onSignedIn ?? (() => history.push(from)) },
    );
  };
  const fault = signIn.isError && (signIn.error instanceof Problem ? signIn.error.message : t("offline"));
  return (
    // Plain inputs: the first page is quick where forms with all their rules are not needed.
    <form className="sign-in" onSubmit={send}>
      <label>
        {t("login")}
        {/* biome-ignore lint/a11y/noAutofocus: there is nothing else to do on this page */}
        <input name="login" autoComplete="username" autoCapitalize="none" required autoFocus={isFirst} />
      </label>
      <label>
        {t("password")}
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {fault && (
        <div role="alert" className="fault" style={{ marginBottom: 12 }}>
          {fault}
        </div>
      )}
      <Button type={isFirst ? "primary" : "default"} size="large" htmlType="submit" block loading={signIn.isPending}>
        {t("signIn")}
      </Button>
    </form>
  );
}

/** The company's own sign-in, WeCom, DingTalk: what the operator allows. A page elsewhere, so links and no calls. */
function Way(props: { way: SignInWay; from: string; isOwn?: boolean; named?: boolean }) {
  const { way, from, isOwn = false, named = false } = props;
  const { t } = useWords();
  return (
    <Button
      type={isOwn ? "primary" : "default"}
      size="large"
      block
      className={isOwn ? "sign-in-own" : "sign-in-way"}
      href={addressOf(way, from)}
    >
      {t(`signInBy_${way.kind}`)}
      {named && ` · ${way.place}`}
    </Button>
  );
}

/** Two that would read the same. */
const isTwin = (one: SignInWay, other: SignInWay) => one !== other && one.kind === other.kind;

const addressOf = (way: SignInWay, from: string) => `${way.address}?${new URLSearchParams({ return_to: from })}`;
