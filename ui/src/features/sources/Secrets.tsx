import { App, Button, Input } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { type SourceKind, type SourceState, useSourceCall } from "./queries";

/** Secrets go in and never come out: one sees only whether each is set. */
export function Secrets({ source, kind }: { source: SourceState; kind: SourceKind | undefined }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const put = useSourceCall((secrets: Record<string, string | null>) =>
    told<unknown>(
      api.PUT("/api/sources/{source}/secrets", { params: { path: { source: source.key } }, body: { secrets } }),
    ),
  );
  const labels = { ...kind?.secrets, ...kind?.optional_secrets };
  const names = Object.keys(source.secrets ?? {});
  const save = (secrets: Record<string, string | null>) =>
    put.mutate(secrets, {
      onSuccess: () => {
        setTyped({});
        void message.success(t("saved"));
      },
      onError: (error) => void message.error(error.message, 6),
    });
  if (names.length === 0) return <p className="blank">{t("secretsNothing")}</p>;
  return (
    <form
      className="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        save(Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== "")));
      }}
    >
      <p className="lead">{t("secretsLead")}</p>
      <dl className="fields settings">
        {names.map((name) => (
          <div key={name} className="secret">
            <dt>
              <label htmlFor={`secret-${name}`}>{labels[name] ?? name}</label>
            </dt>
            <dd>
              <Input.Password
                id={`secret-${name}`}
                autoComplete="new-password"
                value={typed[name] ?? ""}
                placeholder={source.secrets?.[name] ? t("secretSet") : t("secretUnset")}
                onChange={(event) => setTyped((before) => ({ ...before, [name]: event.target.value }))}
              />
              {source.secrets?.[name] && (
                <Button type="text" size="small" onClick={() => save({ [name]: null })}>
                  {t("removeSecret")}
                </Button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className="layout-foot">
        <Button htmlType="submit" loading={put.isPending} disabled={Object.values(typed).every((each) => each === "")}>
          {t("saveSecrets")}
        </Button>
      </div>
    </form>
  );
}
