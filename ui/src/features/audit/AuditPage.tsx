import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type { AuditEntry } from "../../api/schema";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import "../../design/settings.css";

/** The kinds that have words of their own; others are shown by their key. */
const KINDS = [
  "look",
  "chat.looked",
  "chat.linked",
  "export",
  "sign_in",
  "sign_in_failed",
  "sign_out",
  "account_made",
  "password_changed",
  "access_preview",
] as const;

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
  return (
    <>
      <header className="bar">
        <h1>{t("audit")}</h1>
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
          <table className="plain">
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
                  <td>{new Date(each.at).toLocaleString(language === "zh" ? "zh-CN" : "en")}</td>
                  <td>{each.name ?? "—"}</td>
                  <td>
                    <What entry={each} />
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

/** An entry in words: of a look, which object on which way, and the record where it was one. */
function What({ entry }: { entry: AuditEntry }) {
  const { t, say } = useWords();
  const objects = useModel().data?.objects ?? [];
  const known = (KINDS as readonly string[]).includes(entry.kind);
  const word = known ? t(`audit.kind.${entry.kind}`) : entry.kind;
  const key = typeof entry.detail.object === "string" ? entry.detail.object : "";
  const name = say(objects.find((each) => each.key === key)?.label) || key;
  const records = Array.isArray(entry.detail.records) ? (entry.detail.records as string[]) : [];
  const one = records.length === 1 ? records[0] : undefined;
  return (
    <>
      {word}
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
    </>
  );
}
