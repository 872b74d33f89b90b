import { Checkbox, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { type ChangeKind, type RuleDef, type Trigger, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";
import { FormulaEditor } from "../formula/FormulaEditor";
import { readCron, type Schedule, writeCron } from "./cron";
import { newTrigger, TRIGGERS } from "./draft";

/** 当 …: what sets the rule off. */
export function TriggerFields({ rule, onChange }: { rule: RuleDef; onChange: (when: Trigger) => void }) {
  const { t, say } = useWords();
  const designs = useDesigns();
  const { when, object } = rule;
  const segments = (designs?.segments ?? []).filter((each) => each.object === object);
  const fields = designs?.objects.find((each) => each.key === object)?.fields ?? [];
  const segment = when.kind === "enters" ? segments.find((each) => each.key === when.segment) : undefined;
  return (
    <div className="stack">
      <Select
        aria-label={t("rule.when")}
        value={when.kind}
        options={TRIGGERS.map((value) => ({
          value,
          label: t(`rule.trigger.${value}`),
          disabled: value === "enters" && segments.length === 0,
        }))}
        onChange={(kind) => onChange(newTrigger(kind, segments))}
      />
      {when.kind === "changed" && (
        <div className="pair">
          <At place="actions">
            <Select
              aria-label={t("rule.changes")}
              placeholder={t("rule.changes")}
              mode="multiple"
              value={when.actions}
              options={(["create", "update", "delete", "restore"] as ChangeKind[]).map((value) => ({
                value,
                label: t(`rule.change.${value}`),
              }))}
              onChange={(actions) => onChange({ ...when, actions })}
            />
          </At>
          <At place="fields">
            <Select
              aria-label={t("rule.anyField")}
              placeholder={t("rule.anyField")}
              mode="multiple"
              value={when.fields}
              options={fields.map((each) => ({ value: each.key, label: say(each.label) }))}
              onChange={(given) => onChange({ ...when, fields: given })}
            />
          </At>
        </div>
      )}
      {when.kind === "becomes" && (
        <Until object={object} value={when.leave_when} onChange={(leave_when) => onChange({ ...when, leave_when })} />
      )}
      {when.kind === "holds" && (
        <div className="pair">
          <InputNumber<number>
            aria-label={t("rule.periods")}
            prefix={t("rule.consecutive")}
            min={2}
            max={60}
            style={{ width: "100%" }}
            value={when.periods}
            onChange={(periods) => onChange({ ...when, periods: periods ?? 2 })}
          />
          <Select
            aria-label={t("rule.period")}
            value={when.period}
            options={(["day", "working_day", "week", "month"] as const).map((value) => ({
              value,
              label: t(`rule.period.${value}`),
            }))}
            onChange={(period) => onChange({ ...when, period })}
          />
        </div>
      )}
      {when.kind === "scheduled" && <ScheduleFields when={when} onChange={onChange} />}
      {when.kind === "enters" && (
        <div className="pair">
          <At place="segment">
            <Select
              aria-label={t("rule.segment")}
              value={when.segment}
              options={segments.map((each) => ({ value: each.key, label: say(each.label) }))}
              onChange={(key) => onChange({ ...when, segment: key, classes: [] })}
            />
          </At>
          <At place="classes">
            <Select
              aria-label={t("rule.anyClass")}
              placeholder={t("rule.anyClass")}
              mode="multiple"
              value={when.classes}
              options={(segment?.classes ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
              onChange={(classes) => onChange({ ...when, classes })}
            />
          </At>
        </div>
      )}
      {when.kind === "happens" && (
        <At place="event">
          <Input
            aria-label={t("rule.event")}
            placeholder={t("rule.eventPlaceholder")}
            value={when.event}
            onChange={(event) => onChange({ ...when, event: event.target.value.trim() })}
          />
        </At>
      )}
      {when.kind === "enters" && segments.length === 0 && <p className="lead">{t("rule.noSegments")}</p>}
    </div>
  );
}

function Until(props: { object: string; value: string | null; onChange: (text: string | null) => void }) {
  const { object, value, onChange } = props;
  const { t } = useWords();
  if (value === null)
    return (
      <p className="lead">
        {t("rule.untilItEnds")}{" "}
        <button type="button" className="link-button" onClick={() => onChange("")}>
          {t("rule.giveUntil")}
        </button>
      </p>
    );
  return (
    <div className="class-leave">
      <span className="lead">{t("rule.until")}</span>
      <FormulaEditor
        object={object}
        at="leave_when"
        label={t("rule.until")}
        expect="boolean"
        value={value}
        onChange={onChange}
      />
      <button type="button" className="link-button" onClick={() => onChange(null)}>
        {t("rule.dropUntil")}
      </button>
    </div>
  );
}

function ScheduleFields(props: { when: Extract<Trigger, { kind: "scheduled" }>; onChange: (when: Trigger) => void }) {
  const { when, onChange } = props;
  const { t } = useWords();
  const [schedule, setSchedule] = useState(() => readCron(when.cron));
  const put = (part: Partial<Schedule>) => {
    const next = { ...schedule, ...part };
    const cron = writeCron(next);
    setSchedule({ ...next, cron });
    onChange({ ...when, cron });
  };
  return (
    <>
      <div className="pair">
        <Select
          aria-label={t("rule.every")}
          value={schedule.every}
          options={(["day", "week", "month", "other"] as const).map((value) => ({
            value,
            label: t(`rule.every.${value}`),
          }))}
          onChange={(every) => put({ every })}
        />
        {schedule.every === "week" && (
          <Select
            aria-label={t("rule.weekday")}
            value={schedule.weekday}
            options={[1, 2, 3, 4, 5, 6, 7].map((value) => ({ value, label: t(`weekday.${value}`) }))}
            onChange={(weekday) => put({ weekday })}
          />
        )}
        {schedule.every === "month" && (
          <InputNumber<number>
            aria-label={t("rule.day")}
            min={1}
            max={28}
            suffix={t("rule.dayOfMonth")}
            style={{ width: "100%" }}
            value={schedule.day}
            onChange={(day) => put({ day: day ?? 1 })}
          />
        )}
        {schedule.every === "other" ? (
          <At place="cron">
            <Input
              aria-label={t("rule.cron")}
              placeholder="0 9 * * 1"
              value={schedule.cron}
              onChange={(event) => put({ cron: event.target.value })}
            />
          </At>
        ) : (
          <Input
            type="time"
            aria-label={t("rule.time")}
            value={schedule.time}
            onChange={(event) => put({ time: event.target.value || "09:00" })}
          />
        )}
      </div>
      <Checkbox
        checked={when.working_days_only}
        onChange={(event) => onChange({ ...when, working_days_only: event.target.checked })}
      >
        {t("rule.workingDaysOnly")}
      </Checkbox>
    </>
  );
}
