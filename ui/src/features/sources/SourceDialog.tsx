import { Checkbox, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { useUnsaved } from "../../app/unsaved";
import { ChangeDialog } from "../../designers/change/ChangeDialog";
import { FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { kindOf, readJson } from "./options";
import { type OptionSchema, type SourceDefinition, useKinds } from "./queries";

const EMPTY: SourceDefinition = {
  key: "",
  label: { zh: "", en: "" },
  description: null,
  kind: "",
  options: {},
  schedule: null,
  enabled: true,
};

/** A source made or changed: what it is called, its kind, that kind's own options, when it is pulled. */
export function SourceDialog(props: {
  before?: SourceDefinition;
  taken: string[];
  onMade: (key: string) => void;
  onClose: () => void;
}) {
  const { before, taken, onMade, onClose } = props;
  const { t, say } = useWords();
  const kinds = useKinds().data ?? [];
  const [first] = useState(before ?? EMPTY);
  const [draft, setDraft] = useState(first);
  const [asking, setAsking] = useState(false);
  const unsaved = useUnsaved(draft !== first);
  const set = (part: Partial<SourceDefinition>) => setDraft((now) => ({ ...now, ...part }));
  const kind = kinds.find((each) => each.key === draft.kind);
  const ready = { ...draft, label: both(draft.label) };
  const isTaken = taken.includes(draft.key);
  const sound = say(ready.label).trim() !== "" && /^[a-z][a-z0-9_]*$/.test(draft.key) && !isTaken && kind !== undefined;
  return (
    <FaultPlaces draft={draft}>
      <Modal
        open
        title={before ? say(before.label) : t("addSource")}
        okText={t("preview")}
        cancelText={t("cancel")}
        okButtonProps={{ disabled: !sound }}
        onOk={() => setAsking(true)}
        onCancel={() => unsaved.leave(onClose)}
      >
        <Refused />
        <dl className="fields settings">
          <Line label={t("labelWord")} at="label">
            <LabelFields label={draft.label} onChange={(label) => set({ label })} />
          </Line>
          <Line label={t("key")} at="key" lead={isTaken ? t("keyTaken") : t("keyLead")}>
            <Input
              aria-label={t("key")}
              disabled={before !== undefined}
              value={draft.key}
              onChange={(event) => set({ key: event.target.value.trim() })}
            />
          </Line>
          <Line label={t("sourceKind")} at="kind">
            <Select
              aria-label={t("sourceKind")}
              style={{ width: "100%" }}
              disabled={before !== undefined}
              {...(draft.kind === "" ? {} : { value: draft.kind })}
              onChange={(next: string) => set({ kind: next, options: {} })}
              options={kinds.map((each) => ({ value: each.key, label: each.label }))}
            />
          </Line>
          {Object.entries(kind?.options.properties ?? {}).map(([name, schema]) => (
            <Line
              key={`${draft.kind} ${name}`}
              at={`options.${name}`}
              label={`${name}${kind?.options.required?.includes(name) ? " *" : ""}`}
              {...(schema.description === undefined ? {} : { lead: schema.description })}
            >
              <Option
                name={name}
                schema={schema}
                value={draft.options[name]}
                onChange={(value) => {
                  const { [name]: _, ...others } = draft.options;
                  set({ options: value === undefined ? others : { ...others, [name]: value } });
                }}
              />
            </Line>
          ))}
          <Line label={t("schedule")} at="schedule" lead={t("scheduleLead")}>
            <Input
              aria-label={t("schedule")}
              placeholder="*/15 * * * *"
              value={draft.schedule ?? ""}
              onChange={(event) => set({ schedule: event.target.value.trim() || null })}
            />
          </Line>
          <Line label={t("enabled")}>
            <Checkbox checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })}>
              {t("enabledLead")}
            </Checkbox>
          </Line>
        </dl>
      </Modal>
      {asking && (
        <ChangeDialog
          title={before ? t("changeOf", { name: say(ready.label) }) : `${t("addSource")} · ${say(ready.label)}`}
          actions={[
            before ? { action: "change_source", before, after: ready } : { action: "add_source", source: ready },
          ]}
          onApplied={() => {
            unsaved.release();
            onClose();
            onMade(draft.key);
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </FaultPlaces>
  );
}

/** One option by its schema; undefined leaves it as the kind has it. */
function Option(props: { name: string; schema: OptionSchema; value: unknown; onChange: (value: unknown) => void }) {
  const { name, schema, value, onChange } = props;
  const usual = schema.default === undefined || schema.default === null ? "" : String(schema.default);
  switch (kindOf(schema)) {
    case "switch":
      return <Switch aria-label={name} checked={(value ?? schema.default) === true} onChange={onChange} />;
    case "number":
      return (
        <InputNumber
          aria-label={name}
          style={{ width: "100%" }}
          placeholder={usual}
          value={typeof value === "number" ? value : null}
          onChange={(given) => onChange(given ?? undefined)}
        />
      );
    case "choice":
      return (
        <Select
          aria-label={name}
          style={{ width: "100%" }}
          placeholder={usual}
          allowClear
          {...(typeof value === "string" ? { value } : {})}
          onChange={(given: string | undefined) => onChange(given)}
          options={(schema.enum ?? []).map((each) => ({ value: each, label: each }))}
        />
      );
    case "text":
      return (
        <Input
          aria-label={name}
          placeholder={usual}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
        />
      );
    case "json":
      return <JsonInput name={name} value={value} onChange={onChange} />;
  }
}

function JsonInput({ name, value, onChange }: { name: string; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useWords();
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));
  const isWrong = text.trim() !== "" && readJson(text) === undefined;
  return (
    <>
      <Input.TextArea
        aria-label={name}
        className="code"
        autoSize={{ minRows: 2, maxRows: 10 }}
        placeholder="{ } / [ ]"
        {...(isWrong ? { status: "error" as const } : {})}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value.trim() === "") onChange(undefined);
          else {
            const read = readJson(event.target.value);
            if (read !== undefined) onChange(read);
          }
        }}
      />
      {isWrong && <p className="fault">{t("notJson")}</p>}
    </>
  );
}
