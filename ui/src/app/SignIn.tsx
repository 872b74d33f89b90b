import { useRouter, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import type { FormEvent } from "react";
import { Problem } from "../api/client";
import { useSignIn, useSignInWays } from "../api/queries";
import { chooseLanguage, useWords } from "./language";

/** `onSignedIn` goes on where somebody was stopped to sign in; without it the page that was asked for, or one's day. */
export function SignIn({ onSignedIn }: { onSignedIn?: () => void }) {
  const { t, language } = useWords();
  const signIn = useSignIn();
  const { history } = useRouter();
  const { from, refused } = useSearch({ strict: false });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    signIn.mutate(
      { login: String(given.get("login")), password: String(given.get("password")) },
      { onSuccess: onSignedIn ?? (() => history.push(from ?? "/")) },
    );
  };
  const fault = signIn.isError
    ? signIn.error instanceof Problem
      ? signIn.error.message
      : t("offline")
    : refused && t("signInRefused", { code: refused });
  return (
    <main className="centre">
      <div className="card">
        <img src="/favicon.svg" alt="" width={36} height={36} />
        <h1>{language === "zh" ? "通脉" : "Tongmai"}</h1>
        <p>{t("signInLead")}</p>
        {/* Plain inputs: the first page is quick where forms with all their rules are not needed. */}
        <form className="sign-in" onSubmit={send}>
          <label>
            {t("login")}
            {/* biome-ignore lint/a11y/noAutofocus: there is nothing else to do on this page */}
            <input name="login" autoComplete="username" autoCapitalize="none" required autoFocus />
          </label>
          <label>
            {t("password")}
            <input name="password" type="password" autoComplete="current-password" required />
          </label>
          {fault !== undefined && (
            <div role="alert" className="fault" style={{ marginBottom: 12 }}>
              {fault}
            </div>
          )}
          <Button type="primary" size="large" htmlType="submit" block loading={signIn.isPending}>
            {t("signIn")}
          </Button>
        </form>
        <Ways from={from} />
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

/** The company's own sign-in, WeCom, DingTalk: what the operator allows. A page elsewhere, so links and no calls. */
function Ways({ from }: { from: string | undefined }) {
  const { t } = useWords();
  const ways = useSignInWays().data ?? [];
  // A vendor's own browser needs no code to scan.
  const inside = /wxwork|dingtalk/i.test(navigator.userAgent);
  return ways.map(({ kind, address }) => {
    const asked = new URLSearchParams({
      return_to: from ?? "/",
      ...(inside && kind !== "oidc" ? { inside: "true" } : {}),
    });
    return (
      <Button key={address} size="large" block style={{ marginTop: 12 }} href={`${address}?${asked}`}>
        {t(`signInBy_${kind}`)}
      </Button>
    );
  });
}
