import { Checkbox, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useWords } from "../../app/language";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { FaultPlaces, Refused, Within } from "../../designers/faults/FaultPlaces";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { keyOfName } from "../../meta/keys";
import { OptionLines } from "./OptionLines";
import { type SourceDefinition, useKinds } from "./queries";
import { Schedule } from "./Schedule";

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
  const change = useDraftChange(draft !== first, () => {
    onClose();
    onMade(ready.key);
  });
  const set = (part: Partial<SourceDefinition>) => setDraft((now) => ({ ...now, ...part }));
  const kind = kinds.find((each) => each.key === draft.kind);
  // Who names it need not think of a key; who wants a certain one types it.
  const key = draft.key || keyOfName(draft.label.en, draft.kind || "source", taken);
  const ready = { ...draft, key, label: both(draft.label) };
  const isTaken = taken.includes(draft.key);
  const sound = say(ready.label).trim() !== "" && /^[a-z][a-z0-9_]*$/.test(key) && !isTaken && kind !== undefined;
  const save = () =>
    change.ask({
      title: before ? t("changeOf", { name: say(ready.label) }) : `${t("addSource")} · ${say(ready.label)}`,
      actions: [before ? { action: "change_source", before, after: ready } : { action: "add_source", source: ready }],
    });
  return (
    <FaultPlaces draft={draft}>
      <Modal
        open
        width={620}
        title={before ? say(before.label) : t("addSource")}
        okText={t("preview")}
        cancelText={t("cancel")}
        okButtonProps={{ disabled: !sound }}
        onOk={save}
        onCancel={() => change.leave(onClose)}
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
              placeholder={key}
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
          {kind && (
            <Within place="options">
              <OptionLines
                key={kind.key}
                schema={kind.options}
                options={draft.options}
                onChange={(options) => set({ options })}
              />
            </Within>
          )}
          <Line label={t("schedule")} at="schedule">
            <Schedule value={draft.schedule} onChange={(schedule) => set({ schedule })} />
          </Line>
          <Line label={t("enabled")}>
            <Checkbox checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })}>
              {t("enabledLead")}
            </Checkbox>
          </Line>
        </dl>
      </Modal>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}
