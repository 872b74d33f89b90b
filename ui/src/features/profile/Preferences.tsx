import { App, Button, Checkbox, InputNumber, Segmented, TimePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Line } from "../../designers/LabelFields";
import { type PreferencesBody, useOwnChange, usePreferences, type Way } from "./queries";

const CHANNELS = ["email", "wecom", "dingtalk"];
const WAYS: Way[] = ["now", "digest", "off"];

/** How one is told: when not, how often, by which way. What is urgent heeds none of this. */
export function Preferences() {
  const { t } = useWords();
  const found = usePreferences();
  if (found.isError) return <p className="fault">{found.error.message}</p>;
  if (!found.data) return <p className="blank">{t("loading")}</p>;
  return <Editing key={found.dataUpdatedAt} kept={found.data} />;
}

function Editing({ kept }: { kept: PreferencesBody }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [draft, setDraft] = useState(kept);
  const save = useOwnChange((body: PreferencesBody) => told(api.PUT("/api/me/preferences", { body })));
  const set = (part: Partial<PreferencesBody>) => setDraft((before) => ({ ...before, ...part }));
  const changed = JSON.stringify(draft) !== JSON.stringify(kept);
  const channels = [...new Set([...CHANNELS, ...Object.keys(draft.channels)])];
  return (
    <form
      className="narrow"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft, {
          onSuccess: () => void message.success(t("saved")),
          onError: (error) => void message.error(error.message, 6),
        });
      }}
    >
      <p className="lead">{t("preferencesLead")}</p>
      <dl className="fields settings">
        <Line label={t("quietHours")}>
          <div className="span">
            <Time label={t("quietFrom")} value={draft.quiet_from} onChange={(quiet_from) => set({ quiet_from })} />
            —
            <Time label={t("quietTo")} value={draft.quiet_to} onChange={(quiet_to) => set({ quiet_to })} />
          </div>
          <Checkbox checked={draft.quiet_days_off} onChange={(event) => set({ quiet_days_off: event.target.checked })}>
            {t("quietDaysOff")}
          </Checkbox>
        </Line>
        <Line label={t("digestAt")}>
          <div className="span">
            {draft.digest_at.map((each, at) => (
              <Time
                // biome-ignore lint/suspicious/noArrayIndexKey: a time is its place
                key={at}
                label={`${t("digestAt")} ${at + 1}`}
                value={each}
                onChange={(next) =>
                  set({ digest_at: draft.digest_at.map((other, place) => (place === at ? next : other)) })
                }
              />
            ))}
            {draft.digest_at.length < 3 && (
              <Button size="small" type="text" onClick={() => set({ digest_at: [...draft.digest_at, "17:30:00"] })}>
                {t("addTime")}
              </Button>
            )}
            {draft.digest_at.length > 1 && (
              <Button size="small" type="text" onClick={() => set({ digest_at: draft.digest_at.slice(0, -1) })}>
                {t("removeTime")}
              </Button>
            )}
          </div>
        </Line>
        <Line label={t("budget")} lead={t("budgetLead")}>
          <InputNumber
            aria-label={t("budget")}
            min={0}
            max={1000}
            value={draft.budget}
            onChange={(budget) => set({ budget: budget ?? 0 })}
          />
        </Line>
        {channels.map((channel) => (
          <Line key={channel} label={t(`channel.${channel}`, { defaultValue: channel })}>
            <Segmented
              aria-label={t(`channel.${channel}`, { defaultValue: channel })}
              value={draft.channels[channel] ?? "now"}
              onChange={(way) => set({ channels: { ...draft.channels, [channel]: way } })}
              options={WAYS.map((value) => ({ value, label: t(`way.${value}`) }))}
            />
          </Line>
        ))}
      </dl>
      <div className="layout-foot">
        <Button type="primary" htmlType="submit" disabled={!changed} loading={save.isPending}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}

/** Hours and minutes. */
function Time({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <TimePicker
      aria-label={label}
      format="HH:mm"
      minuteStep={5}
      allowClear={false}
      needConfirm={false}
      value={dayjs(`2000-01-01T${value}`)}
      onChange={(given) => given && onChange(given.format("HH:mm:00"))}
    />
  );
}
