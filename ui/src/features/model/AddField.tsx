import { Checkbox, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { Line } from "../../designers/LabelFields";
import { keyOfName } from "../../meta/keys";
import { type Draft, FIELD_TYPES, fieldFrom } from "./draft";

const EMPTY: Draft = { key: "", zh: "", en: "", type: "text", required: false, options: "" };

/** A new field in a minute: named, previewed, applied live for everyone, and undone if it was a mistake. */
export function AddField({ object, onClose }: { object: ObjectDef; onClose: () => void }) {
  const { t, say } = useWords();
  const model = useModel().data;
  const [draft, setDraft] = useState(EMPTY);
  const change = useDraftChange(draft !== EMPTY, onClose);
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  // Who names it need not think of a key; who wants a certain one for the interfaces types it.
  const key =
    draft.key ||
    keyOfName(
      draft.en,
      "field",
      object.fields.map((each) => each.key),
    );
  const field = fieldFrom({ ...draft, key });
  const title = `${t("addField")} · ${say(object.label)}`;
  return (
    <FaultPlaces draft={field}>
      <Modal
        open
        title={title}
        onCancel={() => change.leave(onClose)}
        cancelText={t("cancel")}
        okText={t("preview")}
        okButtonProps={{ disabled: !draft.zh.trim() && !draft.en.trim() && !draft.key }}
        onOk={() => change.ask({ title, actions: [{ action: "add_field", object: object.key, field }] })}
      >
        <Refused />
        <dl className="fields">
          <Line label={t("labelZh")} at="label">
            <Input aria-label={t("labelZh")} value={draft.zh} onChange={(event) => set({ zh: event.target.value })} />
          </Line>
          <Line label={t("labelEn")} at="label.en">
            <Input aria-label={t("labelEn")} value={draft.en} onChange={(event) => set({ en: event.target.value })} />
          </Line>
          <Line label={t("key")} at="key" lead={t("keyLead")}>
            <Input
              aria-label={t("key")}
              placeholder={key}
              value={draft.key}
              onChange={(event) => set({ key: event.target.value })}
            />
          </Line>
          <Line label={t("type")} at="type">
            <Select
              aria-label={t("type")}
              style={{ width: "100%" }}
              value={draft.type}
              onChange={(type) => set({ type })}
              options={Object.entries(FIELD_TYPES).map(([value, label]) => ({ value, label: say(label) }))}
            />
          </Line>
          {draft.type.endsWith("choice") && (
            <Line label={t("options")} at="options.choices" lead={t("optionsLead")}>
              <Input.TextArea
                aria-label={t("options")}
                autoSize={{ minRows: 3 }}
                placeholder={t("optionsExample")}
                value={draft.options}
                onChange={(event) => set({ options: event.target.value })}
              />
            </Line>
          )}
          {draft.type === "relation" && (
            <Line label={t("relationTarget")} at="options.target">
              <Select
                aria-label={t("relationTarget")}
                style={{ width: "100%" }}
                {...(draft.target === undefined ? {} : { value: draft.target })}
                onChange={(target: string) => set({ target })}
                options={(model?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
              />
            </Line>
          )}
          {draft.type === "formula" && (
            <Line label={t("formulaWord")}>
              <FormulaEditor
                object={object.key}
                at="options.text"
                label={t("formulaWord")}
                value={draft.formula ?? ""}
                onChange={(formula) => set({ formula })}
              />
            </Line>
          )}
          <Line label={t("required")} at="required">
            <Checkbox
              aria-label={t("required")}
              checked={draft.required}
              onChange={(event) => set({ required: event.target.checked })}
            />
          </Line>
        </dl>
      </Modal>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}
