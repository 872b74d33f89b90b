import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useMe } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { Evidence } from "../signals/Evidence";
import { type MattersAsked, useMatters } from "../today/matters";
import { Subject } from "../today/TaskRow";
import { textOf } from "../today/tasks";
import { ITEM_S, MOST_ITEMS, WHOLE_S } from "./clock";
import { agendaOf, begin, goOn, useMeeting, useOutcomes } from "./meeting";
import { Running } from "./Running";
import { ownerOf, Standing } from "./Standing";
import "../../design/meeting.css";

const RED: MattersAsked = { whose: "all", urgency: "now" };

/** The morning meeting (3个红灯项晨会, S3-12): three red items, ninety seconds each, fifteen minutes and no more. */
export function MeetingPage() {
  const person = useMe().data?.person.id;
  return person === undefined ? null : <Meetings person={person} />;
}

function Meetings({ person }: { person: string }) {
  const { t } = useWords();
  const signals = useMatters("signal", RED);
  const [meeting, setMeeting] = useMeeting(person);
  const [chosen, setChosen] = useState<readonly string[]>();
  const red = signals.data?.pages.flatMap((page) => page.items) ?? [];
  const first = signals.data?.pages[0];
  const { agenda, others } = agendaOf(red, chosen);
  const more = `${first?.count_is_exact === false ? "≈" : ""}${Math.max(0, (first?.count ?? 0) - agenda.length).toLocaleString()}`;
  const isFull = agenda.length >= MOST_ITEMS;
  const ids = agenda.map((each) => each.id);
  return (
    <>
      <header className="bar">
        <PageTitle>{t("meetingPage")}</PageTitle>
        <span className="gap" />
        {meeting === undefined && (
          <Button type="primary" disabled={agenda.length === 0} onClick={() => setMeeting(begin(agenda, Date.now()))}>
            {t("meetingBegin")}
          </Button>
        )}
      </header>
      <div className="page today">
        {meeting !== undefined ? (
          <Running
            meeting={meeting}
            onNext={(isSettled) => setMeeting(goOn(meeting, isSettled, Date.now()))}
            onEnd={() => setMeeting(undefined)}
          />
        ) : (
          <>
            <p className="meeting-rule">
              {t("meetingRule", { items: MOST_ITEMS, seconds: ITEM_S, minutes: WHOLE_S / 60 })}
            </p>
            {signals.isSuccess && agenda.length + others.length === 0 && (
              <Empty title={t("meetingNothing")} lead={t("meetingNothingLead")} />
            )}
            <Items title={t("meetingAgenda", { count: agenda.length })} items={agenda} numbered>
              {(item) =>
                others.length > 0 && (
                  <Button onClick={() => setChosen(ids.filter((each) => each !== item.id))}>
                    {t("meetingTakeOff")}
                  </Button>
                )
              }
            </Items>
            <Items
              title={t("meetingOthers", { count: more })}
              lead={isFull && t("meetingFull", { items: MOST_ITEMS })}
              items={others}
            >
              {(item) => (
                <Button
                  disabled={isFull}
                  title={isFull ? t("meetingFull", { items: MOST_ITEMS }) : undefined}
                  onClick={() => setChosen([...ids, item.id])}
                >
                  {t("meetingPutOn")}
                </Button>
              )}
            </Items>
            {signals.hasNextPage && (
              <button
                type="button"
                className="more"
                disabled={signals.isFetching}
                onClick={() => void signals.fetchNextPage()}
              >
                {t("more")}
              </button>
            )}
          </>
        )}
        <Outcomes />
      </div>
    </>
  );
}

function Items(props: {
  title: string;
  lead?: ReactNode;
  items: RecordRow[];
  numbered?: boolean;
  children: (item: RecordRow) => ReactNode;
}) {
  const { title, lead, items, numbered, children } = props;
  if (items.length === 0) return null;
  return (
    <section className="work-block">
      <h2>
        {title} {lead && <span>{lead}</span>}
      </h2>
      <ol>
        {items.map((each, at) => (
          <li key={each.id} className="work-row">
            {numbered && <b className="meeting-number">{at + 1}</b>}
            <div className="work-what">
              <b>{textOf(each, "title")}</b>
              <p>
                <Subject row={each} />
                <Standing item={each} />
                <Evidence signal={each} />
              </p>
            </div>
            {children(each)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What was decided today. */
function Outcomes() {
  const { t, language } = useWords();
  const items = useOutcomes().data ?? [];
  if (items.length === 0) return null;
  const time = (row: RecordRow) =>
    new Date(String(row.changed_at)).toLocaleTimeString(language === "zh" ? "zh-CN" : "en", { timeStyle: "short" });
  return (
    <section className="work-block">
      <h2>
        {t("meetingOutcomes")} <span>{items.length}</span>
      </h2>
      <ul>
        {items.map((each) => (
          <li key={each.id} className="work-row">
            <div className="work-what">
              <b>{textOf(each, "title")}</b>
              <p>
                <Subject row={each} />
                <span>{ownerOf(each)?.label}</span>
                <span>{time(each)}</span>
              </p>
              <p className="meeting-said">{textOf(each, "reason")}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
