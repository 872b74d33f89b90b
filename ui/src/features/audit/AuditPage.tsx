import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type { AuditEntry } from "../../api/schema";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { useNames } from "../../meta/people";
import "../../design/settings.css";

/** The kinds that have words of their own; others are shown by their key. */
const KINDS = [
  "look",
  "chat.looked",
  "chat.linked",
  "chat.words_tried",
  "export",
  "consents_exported",
  "sign_in",
  "sign_in_failed",
  "sign_out",
  "session_ended",
  "oidc_linked",
  "account_made",
  "account_disabled",
  "account_enabled",
  "password_changed",
  "password_reset",
  "token_made",
  "token_revoked",
  "access_preview",
] as const;

// As wide in each line.
const TO_THE_SECOND = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
} as const;

/** Who signed in, took data out, looked at watched records: the latest first. */
export function AuditPage() {
  const { t, language } = useWords();
  const [kind, setKind] = useState("");
  const log = useInfiniteQuery({
    queryKey: ["audit", kind],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/audit", {
          params: { query: { ...(kind ? { kind } : {}), ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next_before ?? undefined,
  });
  const entries = (log.data?.pages ?? []).flatMap((page) => page.items);
  const names = useNames(entries.flatMap((each) => textIn(each, "person") ?? []));
  return (
    <>
      <header className="bar">
        <PageTitle>{t("audit")}</PageTitle>
        <span className="gap" />
        <Select
          aria-label={t("audit.kind")}
          style={{ width: 180 }}
          value={kind}
          onChange={setKind}
          options={[
            { value: "", label: t("audit.every") },
            ...KINDS.map((value) => ({ value, label: t(`audit.kind.${value}`) })),
          ]}
        />
      </header>
      <div className="page">
        {log.isSuccess && entries.length === 0 ? (
          <Empty title={t("audit.nothing")} lead={t("audit.lead")} />
        ) : (
          <table className="plain audit">
            <thead>
              <tr>
                <th scope="col">{t("audit.at")}</th>
                <th scope="col">{t("audit.who")}</th>
                <th scope="col">{t("audit.what")}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((each) => (
                <tr key={each.id}>
                  <td>{new Date(each.at).toLocaleString(language === "zh" ? "zh-CN" : "en", TO_THE_SECOND)}</td>
                  <td>{each.name ?? (each.actor === null && textIn(each, "via") ? t("system") : "—")}</td>
                  <td>
                    <What entry={each} names={names} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {log.hasNextPage && (
          <Button onClick={() => void log.fetchNextPage()} loading={log.isFetchingNextPage}>
            {t("more")}
          </Button>
        )}
      </div>
    </>
  );
}

const textIn = ({ detail }: AuditEntry, key: string): string | undefined => {
  const found = detail[key];
  return typeof found === "string" && found !== "" ? found : undefined;
};

/** An entry in words: whose account, from where; of a look, which object, and the record where it was one. */
function What({ entry, names }: { entry: AuditEntry; names: Map<string, string> }) {
  const { t, say } = useWords();
  const objects = useModel().data?.objects ?? [];
  const known = (KINDS as readonly string[]).includes(entry.kind);
  const word = known ? t(`audit.kind.${entry.kind}`) : entry.kind;
  const key = textIn(entry, "object") ?? "";
  const whom = names.get(textIn(entry, "person") ?? "") ?? textIn(entry, "login") ?? textIn(entry, "name");
  const name = say(objects.find((each) => each.key === key)?.label) || key;
  const records = Array.isArray(entry.detail.records) ? (entry.detail.records as string[]) : [];
  const one = records.length === 1 ? records[0] : undefined;
  return (
    <>
      {word}
      {whom && ` · ${whom}`}
      {name && ` · ${name}`}
      {records.length > 1 && ` · ${t("audit.count", { count: records.length })}`}
      {one && (
        <>
          {" · "}
          <Link to="/records/$object/$id" params={{ object: key, id: one }}>
            {t("audit.record")}
          </Link>
        </>
      )}
      {textIn(entry, "ip") && <span className="blank"> · {textIn(entry, "ip")}</span>}
    </>
  );
}
