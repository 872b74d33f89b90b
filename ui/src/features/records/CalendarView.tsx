import { Button } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useRecords } from "../../api/queries";
import type { FieldDef, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { columnsOf } from "./columns";
import type { ListSearch } from "./list-search";

const SHOWN = 3;

/** A month of records by a date; weeks begin on Monday. */
export function CalendarView(props: {
  object: ObjectDef;
  by: FieldDef;
  asked: ListSearch;
  onOpen: (id: string) => void;
}) {
  const { object, by, asked, onOpen } = props;
  const { t, language } = useWords();
  const [month, setMonth] = useState(() => dayjs().startOf("month"));
  const first = month.subtract((month.day() + 6) % 7, "day");
  const days = Array.from({ length: 42 }, (_, at) => first.add(at, "day"));
  const span = `${by.key} >= '${iso(first)}' AND ${by.key} <= '${iso(first.add(41, "day"))}'`;
  const filter = asked.filter ? `(${asked.filter}) AND ${span}` : span;
  const list = useRecords(object.key, { filter, sort: by.key, search: asked.search, limit: 500 });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const byDay = grouped(rows, by.key);
  const title = columnsOf(object)[0];
  const weekdays = days
    .slice(0, 7)
    .map((day) => day.toDate().toLocaleDateString(language === "zh" ? "zh-CN" : "en", { weekday: "short" }));
  return (
    <div className="calendar">
      <header>
        <Button
          type="text"
          aria-label={t("monthBefore")}
          icon={<ChevronLeft size={16} />}
          onClick={() => setMonth(month.subtract(1, "month"))}
        />
        <b>
          {month.toDate().toLocaleDateString(language === "zh" ? "zh-CN" : "en", { year: "numeric", month: "long" })}
        </b>
        <Button
          type="text"
          aria-label={t("monthAfter")}
          icon={<ChevronRight size={16} />}
          onClick={() => setMonth(month.add(1, "month"))}
        />
        <Button type="text" onClick={() => setMonth(dayjs().startOf("month"))}>
          {t("today")}
        </Button>
        {list.hasNextPage && <span className="hint">{t("calendarMore", { count: 500 })}</span>}
      </header>
      <div className="calendar-head" aria-hidden>
        {weekdays.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <div className="calendar-days">
        {days.map((day) => {
          const found = byDay.get(iso(day)) ?? [];
          return (
            <div
              key={iso(day)}
              className="calendar-day"
              data-other={day.month() !== month.month()}
              data-today={iso(day) === iso(dayjs())}
            >
              <span className="calendar-date">{day.date()}</span>
              {found.slice(0, SHOWN).map((row) => (
                <button key={row.id} type="button" onClick={() => onOpen(row.id)}>
                  {(title && valueText(title, row[title.key], language)) || "—"}
                </button>
              ))}
              {found.length > SHOWN && (
                <span className="calendar-more">{t("calendarRest", { count: found.length - SHOWN })}</span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const iso = (day: Dayjs) => day.format("YYYY-MM-DD");
const dayOf = (value: unknown) => (typeof value === "string" ? iso(dayjs(value)) : "");

function grouped(rows: RecordRow[], key: string): Map<string, RecordRow[]> {
  const found = new Map<string, RecordRow[]>();
  for (const row of rows) {
    const day = dayOf(row[key]);
    found.set(day, [...(found.get(day) ?? []), row]);
  }
  return found;
}
