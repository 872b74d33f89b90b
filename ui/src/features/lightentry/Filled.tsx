import { Button, Select } from "antd";
import { Plus, X } from "lucide-react";
import type { FieldDef, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { optionsOf } from "../../meta/options";
import { readFilling, takesFrom, writeFilling } from "./sayings";

/** Fields of the new record that nobody types, each with where its value comes from. */
export function Filled(props: {
  /** Its place in the draft, where faults of its fields are told. */
  at: string;
  label: string;
  object: ObjectDef;
  subject: ObjectDef;
  /** The relation that leads to the record it is about fills itself. */
  except: string;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}) {
  const { at, label, object, subject, except, values, onChange } = props;
  const { t, say } = useWords();
  const free = object.fields.filter((each) => isWritten(each) && !(each.key in values) && each.key !== except);
  return (
    <div className="stack filled">
      {Object.entries(values).map(([key, text]) => {
        const field = object.fields.find((each) => each.key === key);
        const name = say(field?.label) || key;
        return (
          <div key={key} className="fill-line">
            <span>{name}</span>
            <At place={`${at}.${key}`}>
              <Filling
                label={name}
                into={field}
                subject={subject}
                text={text}
                onChange={(next) => onChange({ ...values, [key]: next })}
              />
            </At>
            <Button
              type="text"
              size="small"
              aria-label={t("rule.removeField", { name })}
              icon={<X size={14} aria-hidden />}
              onClick={() => onChange(Object.fromEntries(Object.entries(values).filter(([each]) => each !== key)))}
            />
          </div>
        );
      })}
      <Select
        aria-label={`${label}：${t("entry.addField")}`}
        placeholder={t("entry.addField")}
        style={{ width: 220 }}
        showSearch={{ optionFilterProp: "label" }}
        value={null}
        suffixIcon={<Plus size={13} aria-hidden />}
        options={free.map((each) => ({ value: each.key, label: say(each.label) }))}
        onChange={(key: string | null) => {
          const field = free.find((each) => each.key === key);
          if (field) onChange({ ...values, [field.key]: likeliest(field, subject) });
        }}
      />
    </div>
  );
}

const OWN_FORMULA = "=";

/** Where a value comes from: a field of the record it is about, a choice, the moment of the tap, or a formula. */
export function Filling(props: {
  label: string;
  into: FieldDef | undefined;
  subject: ObjectDef;
  text: string;
  onChange: (text: string) => void;
}) {
  const { label, into, subject, text, onChange } = props;
  const { t, say } = useWords();
  const filling = readFilling(text, into, subject.fields);
  const fields = into ? takesFrom(into, subject.fields) : [];
  const options = [
    ...fields.map((each) => ({
      value: writeFilling({ kind: "field", key: each.key }),
      label: t("entry.fieldOf", { object: say(subject.label), field: say(each.label) }),
    })),
    ...(into?.type === "choice"
      ? optionsOf(into).map((each) => ({
          value: writeFilling({ kind: "choice", key: each.key }),
          label: say(each.label),
        }))
      : []),
    ...(into?.type === "datetime" ? [{ value: writeFilling({ kind: "now" }), label: t("entry.now") }] : []),
    { value: OWN_FORMULA, label: t("entry.formula") },
  ];
  const plain = filling.kind !== "formula" && options.some((each) => each.value === text.trim());
  return (
    <div className="stack">
      <Select
        aria-label={t("entry.from", { name: label })}
        value={plain ? text.trim() : OWN_FORMULA}
        options={options}
        onChange={(value: string) => onChange(value === OWN_FORMULA ? "" : value)}
      />
      {!plain && (
        <FormulaEditor
          object={subject.key}
          label={t("entry.formulaOf", { name: label })}
          value={text}
          onChange={onChange}
        />
      )}
    </div>
  );
}

// What the platform works out by itself, and what no formula gives.
const NOT_WRITTEN = new Set(["formula", "auto_number", "file"]);
export const isWritten = (field: FieldDef) => !NOT_WRITTEN.has(field.type);

/** The likeliest source: the field of the same name, or the only one of the same kind, or now. */
function likeliest(field: FieldDef, subject: ObjectDef): string {
  const fields = takesFrom(field, subject.fields);
  const found = fields.find((each) => each.key === field.key) ?? (fields.length === 1 ? fields[0] : undefined);
  if (found) return writeFilling({ kind: "field", key: found.key });
  return field.type === "datetime" ? writeFilling({ kind: "now" }) : "";
}
