import { App, Button, DatePicker, Input } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { api, told } from "../../api/client";
import type { AbsenceWanted } from "../../api/schema";
import { useWords } from "../../app/language";
import { Line } from "../../designers/LabelFields";
import { RecordPicker } from "../../designers/RecordPicker";
import { useNames } from "../../meta/people";
import { useMine, useOwnChange } from "./queries";

/** Being away: from when to when, and who stands in; tasks go there meanwhile. */
export function Absences() {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const absences = useMine("absences", () => told(api.GET("/api/me/absences")));
  const [days, setDays] = useState<[Dayjs, Dayjs] | null>(null);
  const [standIn, setStandIn] = useState<string>();
  const [reason, setReason] = useState("");
  const add = useOwnChange((body: AbsenceWanted) => told(api.POST("/api/me/absences", { body })));
  const end = useOwnChange((id: string) => told(api.DELETE("/api/me/absences/{id}", { params: { path: { id } } })));
  const failed = (error: Error) => void message.error(error.message, 6);
  const names = useNames((absences.data ?? []).flatMap((each) => each.stand_in ?? []));
  const locale = language === "en" ? "en" : "zh-CN";
  const moment = (at: string) => new Date(at).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  const save = () =>
    days &&
    add.mutate(
      {
        from_at: days[0].toISOString(),
        to_at: days[1].toISOString(),
        stand_in: standIn ?? null,
        reason: reason.trim() || null,
      },
      {
        onSuccess: () => {
          setDays(null);
          setStandIn(undefined);
          setReason("");
          void message.success(t("saved"));
        },
        onError: failed,
      },
    );
  return (
    <div className="narrow">
      <p className="lead">{t("awayLead")}</p>
      <ul className="own-list">
        {(absences.data ?? []).map((each) => (
          <li key={each.id}>
            <div>
              <b>
                {moment(each.from_at)} — {moment(each.to_at)}
              </b>
              <p className="blank">
                {each.stand_in ? t("standInIs", { name: names.get(each.stand_in) ?? "—" }) : t("standInNone")}
                {each.reason && ` · ${each.reason}`}
              </p>
            </div>
            <Button size="small" onClick={() => end.mutate(each.id, { onError: failed })}>
              {t("takeBack")}
            </Button>
          </li>
        ))}
      </ul>
      <dl className="fields settings">
        <Line label={t("awayWhen")}>
          <DatePicker.RangePicker
            aria-label={t("awayWhen")}
            style={{ width: "100%" }}
            showTime={{ format: "HH:mm", defaultValue: [dayjs().startOf("day"), dayjs().endOf("day")] }}
            format="YYYY-MM-DD HH:mm"
            value={days}
            onChange={(given) => setDays(given?.[0] && given[1] ? [given[0], given[1]] : null)}
          />
        </Line>
        <Line label={t("standIn")}>
          <RecordPicker object="person" label={t("standIn")} value={standIn} onChange={setStandIn} />
        </Line>
        <Line label={t("reason")}>
          <Input aria-label={t("reason")} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Line>
      </dl>
      <div className="layout-foot">
        <Button type="primary" disabled={days === null} loading={add.isPending} onClick={save}>
          {t("beAway")}
        </Button>
      </div>
    </div>
  );
}
