import { Button, InputNumber, Select, Space } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { namedFields, useDesigns } from "../../designers/definitions";
import { At } from "../../designers/faults/FaultPlaces";
import { LabelFields } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";
import { targetOf } from "../../meta/target";
import type { RowAction, Span } from "./boards";
import { fieldChoices, withGiven } from "./choices";
import { Lines } from "./Line";

const MOST = 4;
const DOES = ["timeline", "form", "task"] as const;
const UNITS = ["minutes", "hours", "days", "working_days"] as const;

/** What can be done about each row of a list: see what was said, fill in fields, ask a role for help within a time. */
export function ActionsField(props: {
  object: string;
  actions: RowAction[];
  onActions: (actions: RowAction[]) => void;
}) {
  const { object, actions, onActions } = props;
  const { t } = useWords();
  const add = () => {
    const key = numberedKey(
      "act",
      actions.map((each) => each.key),
    );
    const label = { zh: t("does.timeline"), en: t("does.timeline") };
    onActions([...actions, { key, label, does: "timeline", of: null, fields: [], roles: [], due: null }]);
  };
  return (
    <Lines label={t("widgetActions")} at="actions">
      {actions.map((action) => (
        <At key={action.key} place={action.key}>
          <ActionFields
            object={object}
            action={action}
            onAction={(next) => onActions(actions.map((each) => (each.key === action.key ? next : each)))}
            onRemove={() => onActions(actions.filter((each) => each.key !== action.key))}
          />
        </At>
      ))}
      <Button size="small" icon={<Plus size={13} aria-hidden />} disabled={actions.length >= MOST} onClick={add}>
        {t("actionAdd")}
      </Button>
    </Lines>
  );
}

function ActionFields(props: {
  object: string;
  action: RowAction;
  onAction: (action: RowAction) => void;
  onRemove: () => void;
}) {
  const { object, action, onAction, onRemove } = props;
  const { t, say } = useWords();
  const model = useModel().data;
  const relations = namedFields(model, object).filter((each) => targetOf(each) !== undefined && !each.options.many);
  const leads = relations.find((each) => each.key === action.of);
  const target = leads ? (targetOf(leads) ?? object) : object;
  return (
    <div className="row-action">
      <LabelFields label={action.label} onChange={(label) => onAction({ ...action, label })} />
      <Space.Compact block>
        <Select
          aria-label={t("widgetActions")}
          value={action.does}
          onChange={(does: RowAction["does"]) => onAction({ ...action, does })}
          options={DOES.map((each) => ({ value: each, label: t(`does.${each}`) }))}
          style={{ flex: 1 }}
        />
        <Select
          aria-label={t("actionOf")}
          value={action.of ?? ""}
          onChange={(of: string) => onAction({ ...action, of: of || null, fields: [] })}
          options={[{ value: "", label: t("actionOfRow") }, ...fieldChoices(relations, say)]}
          style={{ flex: 1 }}
        />
        <Button icon={<Trash2 size={14} aria-hidden />} aria-label={t("actionRemove")} onClick={onRemove} />
      </Space.Compact>
      {action.does === "form" && (
        <At place="fields">
          <Select
            aria-label={t("actionFields")}
            placeholder={t("actionFields")}
            mode="multiple"
            value={action.fields}
            onChange={(fields: string[]) => onAction({ ...action, fields })}
            options={withGiven(fieldChoices(namedFields(model, target), say), action.fields)}
          />
        </At>
      )}
      {action.does === "task" && <Help action={action} onAction={onAction} />}
    </div>
  );
}

function Help({ action, onAction }: { action: RowAction; onAction: (action: RowAction) => void }) {
  const { t, say } = useWords();
  const roles = useDesigns()?.roles ?? [];
  const due: Span = action.due ?? { amount: 4, unit: "hours" };
  return (
    <>
      <Select
        aria-label={t("actionRoles")}
        placeholder={t("actionRoles")}
        mode="multiple"
        value={action.roles}
        onChange={(next: string[]) => onAction({ ...action, roles: next })}
        options={roles.map((each) => ({ value: each.key, label: say(each.label) }))}
      />
      <Space.Compact block>
        <InputNumber
          aria-label={t("askWithin")}
          min={1}
          max={999}
          value={due.amount}
          onChange={(amount) => onAction({ ...action, due: { ...due, amount: amount ?? 1 } })}
        />
        <Select
          aria-label={t("askUnit")}
          value={due.unit}
          onChange={(unit: Span["unit"]) => onAction({ ...action, due: { ...due, unit } })}
          options={UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
        />
      </Space.Compact>
    </>
  );
}
