import { DatePicker, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useWords } from "../../app/language";
import type { Window } from "../definitions";
import { WINDOWS, windowOf } from "./draft";

/** Which time counts. */
export function WindowFields({ window, onChange }: { window: Window; onChange: (window: Window) => void }) {
  const { t } = useWords();
  const units = window.kind === "fiscal" ? ["quarter", "year"] : ["week", "month", "quarter", "year"];
  return (
    <div className="pair">
      <Select
        aria-label={t("metric.window")}
        value={window.kind}
        options={WINDOWS.map((value) => ({ value, label: t(`metric.window.${value}`) }))}
        onChange={(kind) => onChange(windowOf(kind, dayjs().format("YYYY-MM-DD")))}
      />
      {(window.kind === "rolling" || window.kind === "rolling_working") && (
        <InputNumber<number>
          aria-label={t("metric.days")}
          min={1}
          max={3660}
          suffix={t(window.kind === "rolling" ? "unit.days" : "unit.working_days")}
          style={{ width: "100%" }}
          value={window.days}
          onChange={(days) => onChange({ ...window, days: days ?? 1 })}
        />
      )}
      {(window.kind === "calendar" || window.kind === "fiscal") && (
        <>
          <Select
            aria-label={t("metric.unitOfTime")}
            value={window.unit}
            options={units.map((value) => ({ value, label: t(`metric.per.${value}`) }))}
            onChange={(unit) => onChange({ ...window, unit } as Window)}
          />
          <Select
            aria-label={t("metric.back")}
            value={window.back}
            options={[0, 1, 2, 3, 4, 5, 6, 12].map((value) => ({
              value,
              label:
                value === 0
                  ? t(`metric.window.this.${window.unit}`)
                  : t(`metric.window.back.${window.unit}`, { count: value }),
            }))}
            onChange={(back) => onChange({ ...window, back })}
          />
          {window.kind === "fiscal" && (
            <InputNumber<number>
              aria-label={t("metric.firstMonth")}
              prefix={t("metric.firstMonth")}
              min={1}
              max={12}
              style={{ width: "100%" }}
              value={window.first_month}
              onChange={(first_month) => onChange({ ...window, first_month: first_month ?? 1 })}
            />
          )}
        </>
      )}
      {window.kind === "since" && (
        <DatePicker
          aria-label={t("metric.window.since")}
          allowClear={false}
          value={dayjs(window.date)}
          onChange={(date) => date && onChange({ ...window, date: date.format("YYYY-MM-DD") })}
        />
      )}
    </div>
  );
}
