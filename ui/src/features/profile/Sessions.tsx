import { App, Button } from "antd";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { browserOf } from "./agent";
import { useMine, useOwnChange } from "./queries";

/** Where one is signed in; any of it is ended from here. */
export function Sessions() {
  const { t } = useWords();
  const { message } = App.useApp();
  const sessions = useMine("sessions", () => told(api.GET("/api/sessions")));
  const end = useOwnChange((id: string) => told(api.DELETE("/api/sessions/{id}", { params: { path: { id } } })));
  return (
    <ul className="own-list">
      {(sessions.data ?? []).map((each) => (
        <li key={each.id}>
          <div>
            <b>{browserOf(each.agent) ?? t("unknownBrowser")}</b>
            {each.present && (
              <span className="chip" data-colour="green">
                {t("thisSession")}
              </span>
            )}
            <p className="blank">
              {each.ip ?? ""} · {t("seenAt")} <Moment at={each.seen_at} />
            </p>
          </div>
          {!each.present && (
            <Button
              size="small"
              onClick={() => end.mutate(each.id, { onError: (error) => void message.error(error.message, 6) })}
            >
              {t("endSession")}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
