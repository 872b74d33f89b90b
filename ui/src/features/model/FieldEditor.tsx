import { Button, Checkbox, Drawer, Input, Select } from "antd";
import { useState } from "react";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { At, FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { changeField, definitionOf, type FieldDefinition, type ObjectDesign, removeField } from "./definition";
import { FIELD_TYPES } from "./draft";
import { TypeOptions } from "./TypeOptions";

const SWITCHES = ["required", "unique", "searchable", "indexed"] as const;
const COMPUTED = new Set(["formula"]);

/** All settings of a field. What a change would do, and what it would lose, is shown before it is applied. */
export function FieldEditor({
  object,
  field,
  onClose,
}: {
  object: ObjectDesign;
  field: FieldDef;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const [draft, setDraft] = useState<FieldDefinition>(() => definitionOf(field));
  const set = (part: Partial<FieldDefinition>) => setDraft((before) => ({ ...before, ...part }));
  const changed = JSON.stringify(draft) !== JSON.stringify(definitionOf(field));
  const change = useDraftChange(changed, onClose);
  const ready: FieldDefinition = {
    ...draft,
    label: both(draft.label),
    hint: draft.hint && { ...draft.hint, message: both(draft.hint.message) },
  };
  const title = `${say(object.label)} · ${say(field.label)}`;
  return (
    <FaultPlaces draft={draft}>
      <Drawer
        open
        onClose={() => change.leave(onClose)}
        size={560}
        title={title}
        footer={
          <div className="drawer-foot">
            <Button
              type="primary"
              disabled={!changed}
              onClick={() =>
                change.ask({ title: t("changeOf", { name: title }), actions: [changeField(object, field, ready)] })
              }
            >
              {t("preview")}
            </Button>
            <span className="gap" />
            {!field.builtin && (
              <Button
                type="text"
                danger
                onClick={() =>
                  change.ask({ title: t("removeOf", { name: title }), actions: removeField(object, field.key) })
                }
              >
                {t("removeFieldButton")}
              </Button>
            )}
          </div>
        }
      >
        <Refused />
        <dl className="fields settings">
          <Line label={t("labelWord")} at="label">
            <LabelFields label={draft.label} onChange={(label) => set({ label })} />
          </Line>
          <Line label={t("key")}>
            <code>{draft.key}</code>
          </Line>
          <Line label={t("type")} at="type" {...(draft.type !== field.type ? { lead: t("retypeLead") } : {})}>
            <Select
              aria-label={t("type")}
              style={{ width: "100%" }}
              disabled={field.builtin === true}
              value={draft.type}
              onChange={(type) => set({ type, options: type === field.type ? field.options : {} })}
              options={Object.entries(FIELD_TYPES).map(([value, label]) => ({ value, label: say(label) }))}
            />
          </Line>
          <TypeOptions
            object={object}
            type={draft.type}
            options={draft.options}
            onChange={(options) => set({ options })}
          />
          {!COMPUTED.has(draft.type) && (
            <Line label={t("fieldTraits")}>
              <div className="checks">
                {SWITCHES.map((name) => (
                  <At key={name} place={name}>
                    <Checkbox checked={draft[name]} onChange={(event) => set({ [name]: event.target.checked })}>
                      {t(name)}
                    </Checkbox>
                  </At>
                ))}
              </div>
            </Line>
          )}
          {!COMPUTED.has(draft.type) && (
            <Line label={t("defaultValue")}>
              <FormulaEditor
                object={object.key}
                at="default"
                label={t("defaultValue")}
                value={draft.default ?? ""}
                placeholder={t("defaultLead")}
                onChange={(text) => set({ default: text.trim() === "" ? null : text })}
              />
            </Line>
          )}
          <Line label={t("visibleWhen")}>
            <FormulaEditor
              object={object.key}
              at="visible_when"
              label={t("visibleWhen")}
              expect="boolean"
              value={draft.visible_when ?? ""}
              placeholder={t("always")}
              onChange={(text) => set({ visible_when: text.trim() === "" ? null : text })}
            />
          </Line>
          <Line label={t("hintWord")} at="hint" lead={t("hintLead")}>
            <Input
              aria-label={t("hintWord")}
              value={draft.hint?.message.zh ?? ""}
              onChange={(event) =>
                set({
                  hint:
                    event.target.value === ""
                      ? null
                      : {
                          message: { zh: event.target.value, en: draft.hint?.message.en ?? "" },
                          when: draft.hint?.when ?? null,
                        },
                })
              }
            />
          </Line>
          {draft.hint && (
            <Line label={t("hintWhen")}>
              <FormulaEditor
                object={object.key}
                at="hint.when"
                label={t("hintWhen")}
                expect="boolean"
                value={draft.hint.when ?? ""}
                placeholder={t("whileBlank")}
                onChange={(text) =>
                  set({ hint: draft.hint && { ...draft.hint, when: text.trim() === "" ? null : text } })
                }
              />
            </Line>
          )}
        </dl>
        <AskedChange change={change} />
      </Drawer>
    </FaultPlaces>
  );
}
