import { Input, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { SCHEDULES, scheduleName } from "./schedules";

const NEVER = "never";
const OWN = "own";

/** When a source is pulled, in words; who wants another time writes it as cron has it. */
export function Schedule(props: { value: string | null; onChange: (schedule: string | null) => void }) {
  const { value, onChange } = props;
  const { t } = useWords();
  const named = value === null ? NEVER : scheduleName(value);
  const [writes, setWrites] = useState(named === undefined);
  const chosen = writes ? OWN : (named ?? OWN);
  return (
    <>
      <Select
        aria-label={t("schedule")}
        style={{ width: "100%" }}
        value={chosen}
        onChange={(name) => {
          setWrites(name === OWN);
          if (name !== OWN) onChange(SCHEDULES[name] ?? null);
        }}
        options={[NEVER, ...Object.keys(SCHEDULES), OWN].map((name) => ({ value: name, label: t(`schedule.${name}`) }))}
      />
      {chosen === OWN && (
        <>
          <Input
            aria-label={t("schedule.own")}
            placeholder="*/15 * * * *"
            value={value ?? ""}
            onChange={(event) => onChange(event.target.value.trim() === "" ? null : event.target.value)}
          />
          <p className="lead small">{t("scheduleLead")}</p>
        </>
      )}
    </>
  );
}
