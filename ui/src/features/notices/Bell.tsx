import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popover } from "antd";
import { Bell as BellIcon } from "lucide-react";
import { api, told } from "../../api/client";
import type { NoticeShown } from "../../api/schema";
import { useWords } from "../../app/language";

const useNotices = () =>
  useQuery({
    queryKey: ["notices"],
    queryFn: () => told(api.GET("/api/notices", { params: { query: { limit: 30 } } })),
    retry: false,
  });

/** What the person was told, and how much of it is new. */
export function Bell() {
  const { t, language } = useWords();
  const client = useQueryClient();
  const notices = useNotices();
  const seen = useMutation({
    mutationFn: (ids: string[]) => told(api.POST("/api/notices/seen", { body: { ids } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notices"] }),
  });
  const items = notices.data?.items ?? [];
  const fresh = items.filter((each) => !each.seen_at);
  const list = (
    <ul className="notices">
      {items.length === 0 && <li className="lead">{t("noticesNothing")}</li>}
      {items.map((each) => (
        <li key={each.id} data-new={!each.seen_at}>
          <b>{each.title}</b>
          {each.body && <p>{each.body}</p>}
          <span className="when">{when(each, language)}</span>
        </li>
      ))}
    </ul>
  );
  const unseen = notices.data?.unseen ?? fresh.length;
  const count = unseen > 99 ? "99+" : String(unseen);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("notices")}
      content={list}
      onOpenChange={(open) => {
        if (!open && fresh.length > 0) seen.mutate(fresh.map((each) => each.id));
      }}
    >
      <Button
        type="text"
        className="bell"
        icon={<BellIcon size={16} aria-hidden />}
        aria-label={unseen > 0 ? `${t("notices")} ${count}` : t("notices")}
      >
        {unseen > 0 && <i>{count}</i>}
      </Button>
    </Popover>
  );
}

const when = ({ at }: NoticeShown, language: "zh" | "en"): string =>
  new Date(at).toLocaleString(language === "zh" ? "zh-CN" : "en", { dateStyle: "medium", timeStyle: "short" });
