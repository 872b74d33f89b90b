import { Button, Checkbox, Drawer, Input, Select } from "antd";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import type { ModelAction } from "../../designers/change/action";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { At, FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { keyOfName } from "../../meta/keys";
import { FieldWays } from "./FieldWays";
import { Guessing } from "./Guessing";
import { MappingColumns } from "./MappingColumns";
import { type Mapping, type SourceState, useFieldNames } from "./queries";
import { RemoveLine } from "./RemoveLine";
import { blankField, fillable, saidOf } from "./ways";

const WINS = ["source", "person", "newest"] as const;

/** A mapping as lines: the paths of the raw rows, and what each field gets of them. */
export function MappingEditor(props: {
  source: SourceState;
  mapping: Mapping;
  isNew: boolean;
  onTry: (mapping: Mapping) => void;
  changeOf: (after: Mapping) => ModelAction;
  onClose: () => void;
}) {
  const { source, mapping, isNew, onTry, changeOf, onClose } = props;
  const { t, say } = useWords();
  const model = useModel().data;
  const named = useFieldNames();
  const [draft, setDraft] = useState(mapping);
  const change = useDraftChange(draft !== mapping, onClose);
  const set = (part: Partial<Mapping>) => setDraft((before) => ({ ...before, ...part }));
  const object = model?.objects.find((each) => each.key === draft.object);
  const taken = (model?.mappings ?? []).map((each) => each.key);
  const key = draft.key || keyOfName(draft.label.en, "mapping", taken);
  const ready: Mapping = { ...draft, key, label: both(draft.label) };
  const sound =
    /^[a-z][a-z0-9_]*$/.test(key) &&
    ready.label.zh.trim() !== "" &&
    draft.object !== "" &&
    draft.columns.length > 0 &&
    draft.fields.length > 0;
  return (
    <FaultPlaces draft={draft}>
      <Drawer
        open
        onClose={() => change.leave(onClose)}
        size={720}
        title={isNew ? t("addMapping") : say(mapping.label)}
        footer={
          <div className="drawer-foot">
            <Button
              type="primary"
              disabled={!sound}
              onClick={() =>
                change.ask({ title: t("changeOf", { name: say(ready.label) }), actions: [changeOf(ready)] })
              }
            >
              {t("preview")}
            </Button>
            <Button disabled={!sound} onClick={() => onTry(ready)}>
              {t("dryRun")}
            </Button>
          </div>
        }
      >
        <Refused />
        <dl className="fields settings">
          <Line label={t("labelWord")} at="label">
            <LabelFields label={draft.label} onChange={(label) => set({ label })} />
          </Line>
          {isNew && (
            <Line label={t("key")} at="key" lead={t("keyLead")}>
              <Input
                aria-label={t("key")}
                placeholder={key}
                value={draft.key}
                onChange={(event) => set({ key: event.target.value.trim() })}
              />
            </Line>
          )}
          <Line label={t("stream")} at="stream">
            <Select
              aria-label={t("stream")}
              style={{ width: "100%" }}
              value={draft.stream}
              onChange={(stream) => set({ stream })}
              options={source.streams.map((each) => ({ value: each.key, label: each.label }))}
            />
          </Line>
          <Line label={t("becomes")} at="object">
            <Select
              aria-label={t("becomes")}
              style={{ width: "100%" }}
              {...(draft.object === "" ? {} : { value: draft.object })}
              onChange={(next: string) => set({ object: next, fields: [], match: [] })}
              showSearch={{ optionFilterProp: "label" }}
              options={(model?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
            />
          </Line>
          <Line label={t("rawColumns")} at="columns" lead={t("rawColumnsLead")}>
            <MappingColumns
              source={source.key}
              stream={draft.stream}
              columns={draft.columns}
              onChange={(columns) => set({ columns })}
            />
          </Line>
          {object && (
            <Line label={t("mappedFields")} at="fields" lead={t("mappedFieldsLead")}>
              <Guessing source={source.key} mapping={draft} object={object} onTake={setDraft} />
              <Fields
                fields={fillable(object)}
                mapped={draft.fields}
                columns={draft.columns}
                onChange={(fields) => set({ fields })}
              />
            </Line>
          )}
          {object && (
            <Line label={t("matchBy")} at="match" lead={t("matchByLead")}>
              <Select
                aria-label={t("matchBy")}
                mode="multiple"
                style={{ width: "100%" }}
                value={draft.match}
                onChange={(match) => set({ match })}
                options={draft.fields.map((each) => ({
                  value: each.field,
                  label: named(object.key, each.field),
                }))}
              />
            </Line>
          )}
          <Line label={t("onlyRows")} at="where">
            <Input
              aria-label={t("onlyRows")}
              placeholder={t("always")}
              value={draft.where ?? ""}
              onChange={(event) => set({ where: event.target.value.trim() === "" ? null : event.target.value })}
            />
          </Line>
          <Line label={t("mappingTraits")}>
            <div className="checks">
              <Checkbox checked={draft.creates} onChange={(event) => set({ creates: event.target.checked })}>
                {t("createsRecords")}
              </Checkbox>
              <Checkbox
                checked={draft.on_delete === "delete"}
                onChange={(event) => set({ on_delete: event.target.checked ? "delete" : "keep" })}
              >
                {t("deletesRecords")}
              </Checkbox>
              <Checkbox checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })}>
                {t("enabled")}
              </Checkbox>
            </div>
          </Line>
        </dl>
      </Drawer>
      <AskedChange change={change} />
    </FaultPlaces>
  );
}

function Fields(props: {
  fields: FieldDef[];
  mapped: Mapping["fields"];
  columns: Mapping["columns"];
  onChange: (fields: Mapping["fields"]) => void;
}) {
  const { fields, mapped, columns, onChange } = props;
  const { t, say } = useWords();
  const [open, setOpen] = useState<string>();
  const replace = (field: string, part: Partial<Mapping["fields"][number]>) =>
    onChange(mapped.map((each) => (each.field === field ? { ...each, ...part } : each)));
  const left = fields.filter((each) => !mapped.some((one) => one.field === each.key));
  return (
    <div className="lines-edit">
      {mapped.map((each) => {
        const field = fields.find((one) => one.key === each.field);
        const name = say(field?.label) || each.field;
        return (
          <At key={each.field} place={each.field}>
            <div className="field-edit">
              <div className="line-edit">
                <Button
                  type="text"
                  size="small"
                  icon={
                    open === each.field ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />
                  }
                  aria-label={t("waysOf", { name })}
                  aria-expanded={open === each.field}
                  onClick={() => setOpen(open === each.field ? undefined : each.field)}
                />
                <span className="line-name">{name}</span>
                <At place="value">
                  <Input
                    aria-label={`${name} ${t("formulaWord")}`}
                    placeholder="[path]"
                    value={each.value}
                    onChange={(event) => replace(each.field, { value: event.target.value })}
                  />
                </At>
                <Select
                  aria-label={`${name} ${t("wins")}`}
                  style={{ width: 116 }}
                  value={each.wins}
                  onChange={(wins) => replace(each.field, { wins })}
                  options={WINS.map((value) => ({ value, label: t(`wins.${value}`) }))}
                />
                <RemoveLine name={name} onClick={() => onChange(mapped.filter((one) => one.field !== each.field))} />
              </div>
              {open !== each.field && saidOf(each).length > 0 && (
                <p className="ways-said">
                  {saidOf(each)
                    .map((way) => t(`way.${way}`))
                    .join(" · ")}
                </p>
              )}
              {open === each.field && field && (
                <FieldWays
                  field={field}
                  mapped={each}
                  columns={columns}
                  onChange={(part) => replace(each.field, part)}
                />
              )}
            </div>
          </At>
        );
      })}
      {left.length > 0 && (
        <Select<string | null>
          aria-label={t("addToSection")}
          placeholder={t("addToSection")}
          value={null}
          onChange={(field) => field && onChange([...mapped, blankField(field)])}
          showSearch={{ optionFilterProp: "label" }}
          options={left.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
      )}
    </div>
  );
}
