import { App, Button, DatePicker, Input } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import type { AbsenceShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Line } from "../../designers/LabelFields";
import { RecordPicker } from "../../designers/RecordPicker";
import { useNames } from "../../meta/people";
import { useAbsences } from "./away";
import "../../design/settings.css";
import "../../design/profile.css";

/** Being away: from when to when, and who stands in; tasks go there meanwhile. One's own, or a colleague's. */
export function Absences({ person }: { person: string }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const { isMe, found, add, end } = useAbsences(person);
  const [from, setFrom] = useState<Dayjs | null>(null);
  const [to, setTo] = useState<Dayjs | null>(null);
  const [standIn, setStandIn] = useState<string>();
  const [reason, setReason] = useState("");
  const failed = (error: Error) => void message.error(error.message, 6);
  if (found.isError) return <p className="fault">{found.error.message}</p>;
  const save = () =>
    from &&
    to &&
    add.mutate(
      {
        from_at: from.toISOString(),
        to_at: to.toISOString(),
        stand_in: standIn ?? null,
        reason: reason.trim() || null,
      },
      {
        onSuccess: () => {
          setFrom(null);
          setTo(null);
          setStandIn(undefined);
          setReason("");
          void message.success(t("saved"));
        },
        onError: failed,
      },
    );
  return (
    <div className="narrow absences">
      <p className="lead">{t(isMe ? "awayLead" : "awayLeadOther")}</p>
      <Known absences={found.data ?? []} onEnd={(id) => end.mutate(id, { onError: failed })} />
      <dl className="fields settings">
        <Line label={t("awayWhen")}>
          <div className="pair">
            <MomentPicker label={t("awayFrom")} time={dayjs().startOf("day")} value={from} onChange={setFrom} />
            <MomentPicker label={t("awayTo")} time={dayjs().endOf("day")} value={to} onChange={setTo} />
          </div>
        </Line>
        <Line label={t("standIn")}>
          <RecordPicker object="person" label={t("standIn")} value={standIn} onChange={setStandIn} />
        </Line>
        <Line label={t("reason")}>
          <Input
            aria-label={t("reason")}
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
          />
        </Line>
      </dl>
      <div className="layout-foot">
        <Button type="primary" disabled={from === null || to === null} loading={add.isPending} onClick={save}>
          {t("beAway")}
        </Button>
      </div>
    </div>
  );
}

/** A day and a time of it; a day that is chosen begins or ends it whole. */
function MomentPicker(props: {
  label: string;
  time: Dayjs;
  value: Dayjs | null;
  onChange: (at: Dayjs | null) => void;
}) {
  const { label, time, value, onChange } = props;
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      style={{ width: "100%" }}
      showTime={{ format: "HH:mm", defaultOpenValue: time }}
      format="YYYY-MM-DD HH:mm"
      value={value}
      onChange={onChange}
    />
  );
}

function Known({ absences, onEnd }: { absences: AbsenceShown[]; onEnd: (id: string) => void }) {
  const { t } = useWords();
  const names = useNames(absences.flatMap((each) => each.stand_in ?? []));
  if (absences.length === 0) return null;
  return (
    <ul className="own-list">
      {absences.map((each) => (
        <li key={each.id}>
          <div>
            <b>
              <Moment at={each.from_at} /> — <Moment at={each.to_at} />
            </b>
            <p className="blank">
              {each.stand_in ? t("standInIs", { name: names.get(each.stand_in) ?? "—" }) : t("standInNone")}
              {each.reason && ` · ${each.reason}`}
            </p>
          </div>
          <Button size="small" onClick={() => onEnd(each.id)}>
            {t("takeBack")}
          </Button>
        </li>
      ))}
    </ul>
  );
}
