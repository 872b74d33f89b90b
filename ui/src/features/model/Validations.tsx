import { Button, Modal, Select } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import type { ModelAction } from "../../designers/change/action";
import { AskedChange, useChange, useDraftChange } from "../../designers/change/asking";
import { FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";
import { namesIn } from "../../meta/names";
import { plainWords } from "../../meta/plain-words";
import type { ObjectDesign, Validation } from "./definition";

/** What must be true whenever a record is written, on every path. */
export function Validations({ object }: { object: ObjectDesign }) {
  const { t, say, language } = useWords();
  const model = useModel().data;
  const [editing, setEditing] = useState<Validation>();
  const change = useChange();
  const validations = object.validations ?? [];
  const fresh = (): Validation => ({
    key: numberedKey(
      "check",
      validations.map((each) => each.key),
    ),
    formula: "",
    message: { zh: "", en: "" },
    field: null,
  });
  const title = `${t("validations")} · ${say(object.label)}`;
  const changeOf = (after: Validation): ModelAction => {
    const before = validations.find((each) => each.key === after.key);
    return before
      ? { action: "change_validation", object: object.key, before, after }
      : { action: "add_validation", object: object.key, validation: after };
  };
  const remove = (validation: string) =>
    change.ask({ title, actions: [{ action: "remove_validation", object: object.key, validation }] });
  return (
    <div className="narrow">
      <p className="lead">{t("validationsLead")}</p>
      <div className="rows">
        {validations.map((each) => (
          <div key={each.key} className="row-line">
            <button type="button" className="row-button" onClick={() => setEditing(each)}>
              <b>{say(each.message)}</b>
              <span className="blank formula" title={each.formula}>
                {plainWords(each.formula, language, namesIn(model, object.key, language))}
              </span>
            </button>
            <Button type="text" danger size="small" onClick={() => remove(each.key)}>
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
      {editing && (
        <EditValidation
          object={object}
          validation={editing}
          changeOf={changeOf}
          onClose={() => setEditing(undefined)}
        />
      )}
      <AskedChange change={change} />
    </div>
  );
}

function EditValidation(props: {
  object: ObjectDesign;
  validation: Validation;
  changeOf: (after: Validation) => ModelAction;
  onClose: () => void;
}) {
  const { object, changeOf, onClose } = props;
  const { t, say } = useWords();
  const [validation, setValidation] = useState(props.validation);
  const change = useDraftChange(validation !== props.validation, onClose);
  const set = (part: Partial<Validation>) => setValidation((before) => ({ ...before, ...part }));
  const after = { ...validation, message: both(validation.message) };
  return (
    <FaultPlaces draft={validation}>
      <Modal
        open
        title={t("validations")}
        okText={t("preview")}
        cancelText={t("cancel")}
        okButtonProps={{ disabled: validation.formula.trim() === "" || after.message.zh.trim() === "" }}
        onOk={() => change.ask({ title: `${t("validations")} · ${say(object.label)}`, actions: [changeOf(after)] })}
        onCancel={() => change.leave(onClose)}
      >
        <Refused />
        <dl className="fields settings">
          <Line label={t("mustHold")}>
            <FormulaEditor
              object={object.key}
              at="formula"
              label={t("mustHold")}
              expect="boolean"
              value={validation.formula}
              onChange={(formula) => set({ formula })}
              tried
            />
          </Line>
          <Line label={t("refusalMessage")} at="message">
            <LabelFields label={validation.message} onChange={(message) => set({ message })} />
          </Line>
          <Line label={t("atField")} at="field">
            <Select
              aria-label={t("atField")}
              style={{ width: "100%" }}
              allowClear
              value={validation.field}
              onChange={(field: string | undefined) => set({ field: field ?? null })}
              options={object.fields.map((each) => ({ value: each.key, label: say(each.label) }))}
            />
          </Line>
        </dl>
      </Modal>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}
