import { App, Button, Input } from "antd";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import type { AccountLine } from "../../api/schema";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Line } from "../../designers/LabelFields";
import { useAccountChange, useAccounts } from "./queries";

/** How a person signs in; one who cannot is given a login. */
export function SignInOf({ person }: { person: string }) {
  const accounts = useAccounts();
  if (accounts.isError) return <p className="fault">{accounts.error.message}</p>;
  if (!accounts.data) return null;
  const account = accounts.data.get(person);
  return account ? <Account account={account} /> : <NewAccount person={person} />;
}

function Account({ account }: { account: AccountLine }) {
  const { t, listed } = useWords();
  const { message, modal } = App.useApp();
  const [setting, setSetting] = useState(false);
  const path = { id: account.person };
  const off = account.disabled_at !== null;
  const turn = useAccountChange((disabled: boolean) =>
    told(api.PATCH("/api/accounts/{id}", { params: { path }, body: { disabled } })),
  );
  const flip = () => turn.mutateAsync(!off).catch((error: Error) => void message.error(error.message, 6));
  const ask = () =>
    off
      ? void flip()
      : void modal.confirm({
          title: t("switchOffSure", { name: account.login }),
          content: t("switchOffLead"),
          okText: t("switchOff"),
          cancelText: t("cancel"),
          okButtonProps: { danger: true },
          onOk: flip,
        });
  return (
    <div className="narrow">
      <dl className="fields settings">
        <Line label={t("login")}>
          {account.login} {off && <span className="chip">{t("switchedOff")}</span>}
        </Line>
        <Line label={t("signInBy")}>
          {listed([
            ...(account.has_password ? [t("password")] : []),
            ...(account.has_oidc ? [t("singleSignOn")] : []),
          ]) || "—"}
        </Line>
        <Line label={t("madeAt")}>
          <Moment at={account.created_at} />
        </Line>
      </dl>
      {setting ? (
        <NewPassword person={account.person} onDone={() => setSetting(false)} />
      ) : (
        <div className="layout-foot">
          <Button onClick={() => setSetting(true)}>{t("resetPassword")}</Button>
          <Button danger={!off} loading={turn.isPending} onClick={ask}>
            {t(off ? "switchOn" : "switchOff")}
          </Button>
        </div>
      )}
    </div>
  );
}

function NewPassword({ person, onDone }: { person: string; onDone: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [password, setPassword] = useState("");
  const put = useAccountChange(() =>
    told(api.PUT("/api/accounts/{id}/password", { params: { path: { id: person } }, body: { password } })),
  );
  const done = () => {
    void message.success(t("saved"));
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate(undefined, { onSuccess: done });
      }}
    >
      <p className="lead">{t("resetLead")}</p>
      <Secret label={t("passwordNew")} value={password} onChange={setPassword} />
      <Refusal error={put.error} />
      <div className="layout-foot">
        <Button type="primary" htmlType="submit" disabled={password === ""} loading={put.isPending}>
          {t("resetPassword")}
        </Button>
        <Button onClick={onDone}>{t("cancel")}</Button>
      </div>
    </form>
  );
}

function NewAccount({ person }: { person: string }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const make = useAccountChange(() =>
    told(api.POST("/api/accounts", { body: { person, login: login.trim(), password: password || null } })),
  );
  return (
    <form
      className="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate(undefined, { onSuccess: () => void message.success(t("saved")) });
      }}
    >
      <p className="lead">{t("noSignInLead")}</p>
      <dl className="fields settings">
        <Line label={t("login")}>
          <Input
            aria-label={t("login")}
            autoComplete="off"
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        </Line>
        <Line label={t("firstPassword")} lead={t("firstPasswordLead")}>
          <Secret label={t("firstPassword")} value={password} onChange={setPassword} />
        </Line>
      </dl>
      <Refusal error={make.error} />
      <div className="layout-foot">
        <Button type="primary" htmlType="submit" disabled={login.trim() === ""} loading={make.isPending}>
          {t("giveSignIn")}
        </Button>
      </div>
    </form>
  );
}

/** A password somebody else will use: the browser is not to keep it as one's own. */
function Secret(props: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Input.Password
      aria-label={props.label}
      autoComplete="new-password"
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

function Refusal({ error }: { error: Error | null }) {
  if (error === null) return null;
  const faults = error instanceof Problem ? error.faults.filter((each) => each.message !== error.message) : [];
  return (
    <div role="alert" className="fault">
      {error.message}
      {faults.map((each) => (
        <p key={each.code}>{each.message}</p>
      ))}
    </div>
  );
}
