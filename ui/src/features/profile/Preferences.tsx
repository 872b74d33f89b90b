import { App, Button, Checkbox, InputNumber, Segmented, TimePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useWords } from "../../app/language";
import { Line } from "../../designers/LabelFields";
import { type PreferencesBody, useOwnChange, usePreferences, useUsualPreferences, type Way } from "./queries";

const CHANNELS = ["email", "wecom", "dingtalk"];
const WAYS: Way[] = ["now", "digest", "off"];
const LANGUAGES: { value: PreferencesBody["language"]; label: string }[] = [
  { value: "zh", label: "中文" },
  { value: "en", label: "English" },
];

/** How one is told: when not, how often, by which way. What is urgent heeds none of this. */
export function Preferences() {
  const found = usePreferences();
  const save = useOwnChange((body: PreferencesBody) => told(api.PUT("/api/me/preferences", { body })));
  return <Kept lead="preferencesLead" found={found} save={save} />;
}

/** How those are told who have not chosen; for who manages people. */
export function UsualPreferences() {
  const found = useUsualPreferences();
  const save = useOwnChange((body: PreferencesBody) => told(api.PUT("/api/preferences", { body })));
  return <Kept lead="usualLead" found={found} save={save} />;
}

interface Keeping {
  /** The word of the sentence above the form. */
  lead: string;
  found: ReturnType<typeof usePreferences>;
  save: ReturnType<typeof useOwnChange<PreferencesBody, PreferencesBody>>;
}

function Kept(props: Keeping) {
  const { t } = useWords();
  const { found } = props;
  if (found.isError) return <p className="fault">{found.error.message}</p>;
  if (!found.data) return <p className="blank">{t("loading")}</p>;
  return <Editing key={found.dataUpdatedAt} {...props} kept={found.data} />;
}

function Editing({ lead, save, kept }: Keeping & { kept: PreferencesBody }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const [draft, setDraft] = useState(kept);
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
      <p className="lead">{t(lead)}</p>
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
        <Line label={t("noticeLanguage")}>
          <Segmented
            aria-label={t("noticeLanguage")}
            value={draft.language}
            onChange={(language) => set({ language })}
            options={LANGUAGES}
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
