import { App, Button, Dropdown, Space } from "antd";
import { ChevronDown, Download } from "lucide-react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { type SourceState, useSourceCall } from "./queries";

const ANEW = "anew";

/** Pulls what is new, one stream of it, or everything again from the start. */
export function PullButton({ source }: { source: SourceState }) {
  const { t } = useWords();
  const { message, modal } = App.useApp();
  const params = { path: { source: source.key } };
  const pull = useSourceCall((body: { streams?: string[]; anew?: boolean }) =>
    told(api.POST("/api/sources/{source}/pull", { params, body: { streams: [], anew: false, ...body } })),
  );
  const ask = (body: { streams?: string[]; anew?: boolean }) =>
    pull.mutate(body, {
      onSuccess: () => void message.success(t("pullAsked")),
      onError: (error) => void message.error(error.message, 6),
    });
  const askAnew = () =>
    void modal.confirm({
      title: t("pullAnew"),
      content: t("pullAnewLead"),
      okText: t("pullAnew"),
      cancelText: t("cancel"),
      onOk: () => ask({ anew: true }),
    });
  // What is only called back cannot be asked for.
  const asked = source.streams.filter((each) => !each.told);
  if (source.streams.length > 0 && asked.length === 0) return null;
  return (
    <Space.Compact>
      <Button icon={<Download size={14} aria-hidden />} loading={pull.isPending} onClick={() => ask({})}>
        {t("pullNow")}
      </Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            ...asked.map((each) => ({ key: each.key, label: each.label })),
            { type: "divider" as const },
            { key: ANEW, label: t("pullAnew") },
          ],
          onClick: ({ key }) => (key === ANEW ? askAnew() : ask({ streams: [key] })),
        }}
      >
        <Button icon={<ChevronDown size={14} aria-hidden />} aria-label={t("pullMore")} />
      </Dropdown>
    </Space.Compact>
  );
}
