import { Button, Modal, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { ChangeDialog, type ModelAction } from "../../designers/change/ChangeDialog";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { freeKey, type ObjectDesign, type Validation } from "./definition";

/** What must be true whenever a record is written, on every path. */
export function Validations({ object }: { object: ObjectDesign }) {
  const { t, say } = useWords();
  const [editing, setEditing] = useState<Validation>();
  const [asked, setAsked] = useState<{ title: string; actions: ModelAction[] }>();
  const validations = object.validations ?? [];
  const fresh = (): Validation => ({
    key: freeKey(
      `check_${validations.length + 1}`,
      validations.map((each) => each.key),
    ),
    formula: "",
    message: { zh: "", en: "" },
    field: null,
  });
  const title = `${t("validations")} · ${say(object.label)}`;
  const save = (after: Validation) => {
    const before = validations.find((each) => each.key === after.key);
    setAsked({
      title,
      actions: [
        before
          ? { action: "change_validation", object: object.key, before, after }
          : { action: "add_validation", object: object.key, validation: after },
      ],
    });
  };
  return (
    <div className="narrow">
      <p className="lead">{t("validationsLead")}</p>
      <div className="rows">
        {validations.map((each) => (
          <div key={each.key} className="row-line">
            <button type="button" className="row-button" onClick={() => setEditing(each)}>
              <b>{say(each.message)}</b>
              <code className="blank">{each.formula}</code>
            </button>
            <Button
              type="text"
              danger
              size="small"
              onClick={() =>
                setAsked({
                  title,
                  actions: [{ action: "remove_validation", object: object.key, validation: each.key }],
                })
              }
            >
              {t("delete")}
            </Button>
          </div>
        ))}
      </div>
      <div className="layout-foot">
        <Button icon={<Plus size={14} aria-hidden />} onClick={() => setEditing(fresh())}>
          {t("addValidation")}
        </Button>
      </div>
      {editing && !asked && (
        <EditValidation
          object={object}
          validation={editing}
          onChange={setEditing}
          onSave={() => save({ ...editing, message: both(editing.message) })}
          onClose={() => setEditing(undefined)}
        />
      )}
      {asked && (
        <ChangeDialog
          {...asked}
          onApplied={() => {
            setAsked(undefined);
            setEditing(undefined);
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

function EditValidation(props: {
  object: ObjectDesign;
  validation: Validation;
  onChange: (validation: Validation) => void;
  onSave: () => void;
  onClose: () => void;
}) {
  const { object, validation, onChange, onSave, onClose } = props;
  const { t, say } = useWords();
  return (
    <Modal
      open
      title={t("validations")}
      okText={t("preview")}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: validation.formula.trim() === "" || both(validation.message).zh.trim() === "" }}
      onOk={onSave}
      onCancel={onClose}
    >
      <dl className="fields settings">
        <Line label={t("mustHold")}>
          <FormulaEditor
            object={object.key}
            label={t("mustHold")}
            expect="boolean"
            value={validation.formula}
            onChange={(formula) => onChange({ ...validation, formula })}
            tried
          />
        </Line>
        <Line label={t("refusalMessage")}>
          <LabelFields label={validation.message} onChange={(message) => onChange({ ...validation, message })} />
        </Line>
        <Line label={t("atField")}>
          <Select
            aria-label={t("atField")}
            style={{ width: "100%" }}
            allowClear
            value={validation.field}
            onChange={(field: string | undefined) => onChange({ ...validation, field: field ?? null })}
            options={object.fields.map((each) => ({ value: each.key, label: say(each.label) }))}
          />
        </Line>
      </dl>
    </Modal>
  );
}
