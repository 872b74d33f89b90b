import { Link } from "@tanstack/react-router";
import { App, Button, Checkbox, Input, InputNumber, Modal, Typography } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Line } from "../../designers/LabelFields";
import { useMine, useOwnChange } from "./queries";

const SCOPES = ["read", "write", "model", "admin"] as const;

/** Keys for programs. A new one is shown a single time. */
export function Tokens() {
  const { t, listed, language } = useWords();
  const { message, modal } = App.useApp();
  const tokens = useMine("tokens", () => told(api.GET("/api/tokens")));
  const revoke = useOwnChange((id: string) => told(api.DELETE("/api/tokens/{id}", { params: { path: { id } } })));
  const [making, setMaking] = useState(false);
  const day = (at: string) => new Date(at).toLocaleDateString(language === "en" ? "en" : "zh-CN");
  return (
    <>
      <p className="lead">
        {t("tokensLead")} <Link to="/api-docs">{t("apiDescription")}</Link>
      </p>
      <ul className="own-list">
        {(tokens.data ?? []).map((each) => (
          <li key={each.id}>
            <div>
              <b>{each.name}</b> <code className="blank">{each.prefix}…</code>
              <p className="blank">
                {listed(each.scopes.map((scope) => t(`tokenScope.${scope}`, { defaultValue: scope })))} ·{" "}
                {t("until", { day: day(each.expires_at) })} ·{" "}
                {each.seen_at ? `${t("seenAt")} ${day(each.seen_at)}` : t("neverUsed")}
              </p>
            </div>
            <Button
              size="small"
              danger
              onClick={() =>
                modal.confirm({
                  title: t("revokeSure", { name: each.name }),
                  okText: t("revoke"),
                  cancelText: t("cancel"),
                  okButtonProps: { danger: true },
                  onOk: () => revoke.mutateAsync(each.id).catch((error: Error) => void message.error(error.message, 6)),
                })
              }
            >
              {t("revoke")}
            </Button>
          </li>
        ))}
      </ul>
      <Button icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
        {t("makeToken")}
      </Button>
      {making && <MakeToken onClose={() => setMaking(false)} />}
    </>
  );
}

function MakeToken({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["read"]);
  const [days, setDays] = useState(90);
  const make = useOwnChange(() => told(api.POST("/api/tokens", { body: { name: name.trim(), scopes, days } })));
  const problem = make.error instanceof Problem ? make.error : undefined;
  if (make.data)
    return (
      <Modal
        open
        title={t("tokenMade")}
        onCancel={onClose}
        footer={
          <Button type="primary" onClick={onClose}>
            {t("tokenKept")}
          </Button>
        }
      >
        <p className="lead">{t("tokenOnce")}</p>
        <Typography.Paragraph code copyable className="token-secret">
          {make.data.token}
        </Typography.Paragraph>
      </Modal>
    );
  return (
    <Modal
      open
      title={t("makeToken")}
      okText={t("makeToken")}
      cancelText={t("cancel")}
      confirmLoading={make.isPending}
      okButtonProps={{ disabled: name.trim() === "" || scopes.length === 0 }}
      onOk={() => make.mutate(undefined)}
      onCancel={onClose}
    >
      <dl className="fields settings">
        <Line label={t("tokenName")}>
          <Input aria-label={t("tokenName")} value={name} onChange={(event) => setName(event.target.value)} />
        </Line>
        <Line label={t("tokenScopes")}>
          <Checkbox.Group
            value={scopes}
            onChange={setScopes}
            options={SCOPES.map((value) => ({ value, label: t(`tokenScope.${value}`) }))}
          />
        </Line>
        <Line label={t("tokenDays")}>
          <InputNumber
            aria-label={t("tokenDays")}
            min={1}
            max={366}
            value={days}
            onChange={(given) => setDays(given ?? 90)}
          />
        </Line>
      </dl>
      {problem && (
        <p role="alert" className="fault">
          {problem.message}
        </p>
      )}
    </Modal>
  );
}
