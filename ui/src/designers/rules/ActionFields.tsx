import { Button, Checkbox, Input, Segmented, Select } from "antd";
import { X } from "lucide-react";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { type ActionOf, type RuleAction, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";
import { LabelFields } from "../LabelFields";
import { ACTIONS, NO_LABEL, newAction } from "./draft";
import { Labelled } from "./Labelled";
import { SpanFields } from "./SpanFields";
import { TemplateInput, TemplateInputs } from "./TemplateInput";
import { WhoSelect, WhosSelect } from "./WhoSelect";
import { MadeRecord, SetFields } from "./WrittenFields";

interface Props<Kind extends RuleAction["kind"]> {
  object: string;
  action: ActionOf<Kind>;
  set: (part: Partial<ActionOf<Kind>>) => void;
}

/** 则 …: one thing that is done. */
export function ActionFields(props: {
  object: string;
  number: number;
  action: RuleAction;
  onChange: (action: RuleAction) => void;
  onRemove: (() => void) | undefined;
}) {
  const { object, number, action, onChange, onRemove } = props;
  const { t } = useWords();
  return (
    <div className="action-card">
      <div className="action-head">
        <Select
          aria-label={t("rule.action", { number })}
          value={action.kind}
          style={{ width: 150 }}
          options={ACTIONS.map((value) => ({ value, label: t(`rule.act.${value}`) }))}
          onChange={(kind) => onChange(newAction(kind))}
        />
        <span className="lead">{t(`rule.actLead.${action.kind}`)}</span>
        <Button
          type="text"
          size="small"
          aria-label={t("rule.removeAction", { number })}
          disabled={onRemove === undefined}
          icon={<X size={14} aria-hidden />}
          {...(onRemove ? { onClick: onRemove } : {})}
        />
      </div>
      <div className="stack">
        <Parts object={object} action={action} onChange={onChange} />
      </div>
    </div>
  );
}

function Parts(props: { object: string; action: RuleAction; onChange: (action: RuleAction) => void }) {
  const { object, action, onChange } = props;
  const set = (part: object) => onChange({ ...action, ...part } as RuleAction);
  switch (action.kind) {
    case "signal":
      return <Signal object={object} action={action} set={set} />;
    case "task":
      return <Task object={object} action={action} set={set} />;
    case "notify":
      return <Notice object={object} action={action} set={set} />;
    case "set":
      return <SetFields object={object} action={action} set={set} />;
    case "record":
      return <MadeRecord object={object} action={action} set={set} />;
    case "lock":
      return <Locked object={object} action={action} set={set} />;
    case "push":
      return <Pushed object={object} action={action} set={set} />;
    case "hook":
      return <Hook object={object} action={action} set={set} />;
    case "escalate":
      return <Escalated object={object} action={action} set={set} />;
  }
}

function Signal({ object, action, set }: Props<"signal">) {
  const { t } = useWords();
  return (
    <>
      <Words object={object} title={action.title} detail={action.detail} onChange={set} />
      <div className="pair">
        <Labelled label={t("rule.tell")} at="to">
          <WhosSelect object={object} label={t("rule.tell")} value={action.to} onChange={(to) => set({ to })} />
        </Labelled>
        <Labelled label={t("gap")} at="gap">
          <Select
            aria-label={t("gap")}
            value={action.gap}
            options={(["customer", "strategy", "collaboration"] as const).map((value) => ({
              value,
              label: t(`rule.gap.${value}`),
            }))}
            onChange={(gap) => set({ gap })}
          />
        </Labelled>
        <Labelled label={t("rule.levelOf")} at="level">
          <Select
            aria-label={t("rule.levelOf")}
            value={action.level}
            options={(["red", "yellow", "info"] as const).map((value) => ({
              value,
              label: <Level level={value}>{t(`rule.level.${value}`)}</Level>,
            }))}
            onChange={(level) => set({ level })}
          />
        </Labelled>
        <Labelled label={t("rule.signalKind")} at="signal">
          <Input
            aria-label={t("rule.signalKind")}
            value={action.signal}
            onChange={(event) => set({ signal: event.target.value })}
          />
        </Labelled>
      </div>
      {action.expires ? (
        <Labelled label={t("rule.expires")} at="expires">
          <SpanFields label={t("rule.expires")} value={action.expires} onChange={(expires) => set({ expires })} />
        </Labelled>
      ) : (
        <button type="button" className="link-button" onClick={() => set({ expires: { amount: 7, unit: "days" } })}>
          {t("rule.giveExpiry")}
        </button>
      )}
    </>
  );
}

function Task({ object, action, set }: Props<"task">) {
  const { t } = useWords();
  return (
    <>
      <Words object={object} title={action.title} detail={action.detail} onChange={set} />
      <div className="pair">
        <Labelled label={t("rule.assign")} at="to">
          <WhoSelect object={object} label={t("rule.assign")} value={action.to} onChange={(to) => set({ to })} />
        </Labelled>
        <Labelled label={t("rule.due")} at="due">
          <SpanFields label={t("rule.due")} value={action.due} onChange={(due) => set({ due })} />
        </Labelled>
        <Labelled label={t("rule.breach")} at="breach">
          <WhosSelect
            object={object}
            label={t("rule.breach")}
            value={action.breach}
            onChange={(breach) => set({ breach })}
          />
        </Labelled>
        <Labelled label={t("rule.form")} at="form">
          <FieldsSelect object={object} label={t("rule.form")} value={action.form} onChange={(form) => set({ form })} />
        </Labelled>
      </div>
    </>
  );
}

function Notice({ object, action, set }: Props<"notify">) {
  const { t } = useWords();
  return (
    <>
      <Words
        object={object}
        title={action.title}
        detail={action.body}
        place="body"
        onChange={({ title, detail }) =>
          set({ ...(title !== undefined && { title }), ...(detail !== undefined && { body: detail }) })
        }
      />
      <Labelled label={t("rule.tell")} at="to">
        <WhosSelect object={object} label={t("rule.tell")} value={action.to} onChange={(to) => set({ to })} />
      </Labelled>
      <Checkbox checked={action.urgent} onChange={(event) => set({ urgent: event.target.checked })}>
        {t("rule.urgent")}
      </Checkbox>
    </>
  );
}

function Locked({ object, action, set }: Props<"lock">) {
  const { t } = useWords();
  return (
    <>
      <Labelled label={t("rule.reason")} at="reason">
        <LabelFields label={action.reason} onChange={(reason) => set({ reason })} />
      </Labelled>
      <Labelled label={t("rule.lockFields")} at="fields">
        <FieldsSelect
          object={object}
          label={t("rule.lockFields")}
          placeholder={t("rule.wholeRecord")}
          value={action.fields}
          onChange={(fields) => set({ fields })}
        />
      </Labelled>
      <Segmented
        aria-label={t("rule.lockUntil")}
        value={action.until}
        options={(["condition_ends", "released"] as const).map((value) => ({ value, label: t(`rule.until.${value}`) }))}
        onChange={(until) => set({ until })}
      />
    </>
  );
}

function Pushed({ object, action, set }: Props<"push">) {
  const { t } = useWords();
  return (
    <div className="pair">
      <Labelled label={t("rule.content")} at="content">
        <Input
          aria-label={t("rule.content")}
          value={action.content}
          onChange={(event) => set({ content: event.target.value.trim() })}
        />
      </Labelled>
      <Labelled label={t("rule.tell")} at="to">
        <WhosSelect object={object} label={t("rule.tell")} value={action.to} onChange={(to) => set({ to })} />
      </Labelled>
    </div>
  );
}

function Hook({ object, action, set }: Props<"hook">) {
  const { t } = useWords();
  const lines = Object.entries(action.body);
  const put = (next: [string, string][]) => set({ body: Object.fromEntries(next) });
  return (
    <>
      <At place="url">
        <Input
          aria-label={t("rule.url")}
          placeholder="https://"
          value={action.url}
          onChange={(event) => set({ url: event.target.value.trim() })}
        />
      </At>
      {lines.map(([key, template], at) => (
        // The place is what a line is known by: its key is being typed.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at} className="set-line">
          <Input
            aria-label={t("rule.bodyKey", { number: at + 1 })}
            value={key}
            onChange={(event) =>
              put(lines.map((each, other) => (other === at ? [event.target.value, template] : each)))
            }
          />
          <TemplateInput
            object={object}
            at={`body.${key}`}
            label={t("rule.bodyValue", { number: at + 1 })}
            value={template}
            onChange={(text) => put(lines.map((each, other) => (other === at ? [key, text] : each)))}
          />
          <Button
            type="text"
            size="small"
            aria-label={t("rule.removeField", { name: key })}
            icon={<X size={14} aria-hidden />}
            onClick={() => put(lines.filter((_, other) => other !== at))}
          />
        </div>
      ))}
      <button type="button" className="link-button" onClick={() => put([...lines, [`value_${lines.length + 1}`, ""]])}>
        {t("rule.addBody")}
      </button>
    </>
  );
}

function Escalated({ object, action, set }: Props<"escalate">) {
  const { t } = useWords();
  return (
    <>
      <TemplateInputs
        object={object}
        at="title"
        label={t("rule.title")}
        value={action.title}
        onChange={(title) => set({ title })}
      />
      <div className="pair">
        <Labelled label={t("rule.after")} at="after">
          <SpanFields label={t("rule.after")} value={action.after} onChange={(after) => set({ after })} />
        </Labelled>
        <Labelled label={t("rule.tell")} at="to">
          <WhosSelect object={object} label={t("rule.tell")} value={action.to} onChange={(to) => set({ to })} />
        </Labelled>
      </div>
    </>
  );
}

/** What it says: a title and, if one likes, more below it, both with values of the record in them. */
function Words(props: {
  object: string;
  title: Label;
  detail: Label | null | undefined;
  /** What more is said is called so in the action. */
  place?: string;
  onChange: (part: { title?: Label; detail?: Label }) => void;
}) {
  const { object, title, detail, place = "detail", onChange } = props;
  const { t } = useWords();
  return (
    <>
      <TemplateInputs
        object={object}
        at="title"
        label={t("rule.title")}
        value={title}
        onChange={(words) => onChange({ title: words })}
      />
      <TemplateInputs
        object={object}
        at={place}
        label={t("rule.detail")}
        value={detail ?? NO_LABEL}
        onChange={(words) => onChange({ detail: words })}
      />
    </>
  );
}

function FieldsSelect(props: {
  object: string;
  label: string;
  placeholder?: string;
  value: string[];
  onChange: (fields: string[]) => void;
}) {
  const { object, label, placeholder, value, onChange } = props;
  const { say } = useWords();
  const fields = useDesigns()?.objects.find((each) => each.key === object)?.fields ?? [];
  return (
    <Select
      aria-label={label}
      placeholder={placeholder ?? label}
      mode="multiple"
      value={value}
      options={fields.map((each) => ({ value: each.key, label: say(each.label) }))}
      onChange={onChange}
    />
  );
}
