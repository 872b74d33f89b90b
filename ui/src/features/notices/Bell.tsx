import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Badge, Button, Popover } from "antd";
import { Bell as BellIcon } from "lucide-react";
import { call } from "../../api/client";
import { useWords } from "../../app/language";

interface Notice {
  id: string;
  title: string;
  body?: string | null;
  at?: string;
  created_at?: string;
  seen_at?: string | null;
  link?: string | null;
}

interface Notices {
  items: Notice[];
  unseen?: number;
}

const useNotices = () =>
  useQuery({
    queryKey: ["notices"],
    queryFn: () => call<Notices>("GET", "/api/notices?limit=30"),
    retry: false,
  });

/** What the person was told, and how much of it is new. */
export function Bell() {
  const { t, language } = useWords();
  const client = useQueryClient();
  const notices = useNotices();
  const seen = useMutation({
    mutationFn: (ids: string[]) => call("POST", "/api/notices/seen", { ids }),
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
      <Badge count={notices.data?.unseen ?? fresh.length} size="small">
        <Button type="text" icon={<BellIcon size={16} aria-hidden />} aria-label={t("notices")} />
      </Badge>
    </Popover>
  );
}

function when(notice: Notice, language: "zh" | "en"): string {
  const at = notice.at ?? notice.created_at;
  return at === undefined
    ? ""
    : new Date(at).toLocaleString(language === "zh" ? "zh-CN" : "en", { dateStyle: "medium", timeStyle: "short" });
}
