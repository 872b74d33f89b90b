import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popover, Segmented } from "antd";
import { Bell as BellIcon } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Notice } from "./Notice";

const useNotices = (held: boolean, enabled = true) =>
  useQuery({
    queryKey: ["notices", held],
    queryFn: () => told(api.GET("/api/notices", { params: { query: { limit: 30, ...(held ? { held } : {}) } } })),
    enabled,
    retry: false,
  });

/** What the person was told, how much of it is new, and what was held back until when. */
export function Bell() {
  const { t } = useWords();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [showsHeld, setShowsHeld] = useState(false);
  const notices = useNotices(false);
  const held = useNotices(true, open && showsHeld);
  const seen = useMutation({
    mutationFn: (ids: string[]) => told(api.POST("/api/notices/seen", { body: { ids } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["notices"] }),
  });
  const fresh = (notices.data?.items ?? []).filter((each) => !each.seen_at);
  const waiting = notices.data?.held ?? 0;
  const items = (showsHeld ? held.data?.items : notices.data?.items) ?? [];
  const turn = (next: boolean) => {
    setOpen(next);
    if (next) return;
    setShowsHeld(false);
    if (fresh.length > 0) seen.mutate(fresh.map((each) => each.id));
  };
  const list = (
    <>
      {(waiting > 0 || showsHeld) && (
        <Segmented
          size="small"
          block
          aria-label={t("notices")}
          value={showsHeld ? "held" : "told"}
          onChange={(value) => setShowsHeld(value === "held")}
          options={[
            { value: "told", label: t("noticesTold") },
            { value: "held", label: t("noticesHeld", { count: waiting }) },
          ]}
        />
      )}
      <ul className="notices">
        {items.length === 0 && <li className="lead">{t("noticesNothing")}</li>}
        {items.map((each) => (
          <Notice key={each.id} notice={each} onLeave={() => turn(false)} />
        ))}
      </ul>
    </>
  );
  const unseen = notices.data?.unseen ?? fresh.length;
  const count = unseen > 99 ? "99+" : String(unseen);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("notices")}
      content={list}
      open={open}
      onOpenChange={turn}
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
