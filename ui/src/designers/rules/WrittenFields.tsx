import { Button, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useWords } from "../../app/language";
import { type ActionOf, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";
import { FormulaEditor } from "../formula/FormulaEditor";
import { Labelled } from "./Labelled";
import { relationsOf } from "./relations";

interface Props<Kind extends "set" | "record"> {
  object: string;
  action: ActionOf<Kind>;
  set: (part: Partial<ActionOf<Kind>>) => void;
}

/** 修改字段: of the record itself, or of the one that a relation of it leads to. */
export function SetFields({ object, action, set }: Props<"set">) {
  const { t, say } = useWords();
  const designs = useDesigns();
  const relations = relationsOf(designs, object);
  return (
    <>
      <Labelled label={t("rule.setOf")} at="of">
        <Select
          aria-label={t("rule.setOf")}
          value={action.of ?? ""}
          options={[
            { value: "", label: t("rule.itself") },
            ...relations.map((each) => ({ value: each.key, label: say(each.label) })),
          ]}
          onChange={(of) => set({ of: of || null, values: {} })}
        />
      </Labelled>
      <Values
        object={object}
        written={relations.find((each) => each.key === action.of)?.target ?? object}
        values={action.values}
        onChange={(values) => set({ values })}
      />
    </>
  );
}

/** 新建记录: of which object, how it leads back, and with which values. */
export function MadeRecord({ object, action, set }: Props<"record">) {
  const { t, say } = useWords();
  const designs = useDesigns();
  const back = relationsOf(designs, action.object).filter((each) => each.target === object);
  return (
    <>
      <div className="pair">
        <Labelled label={t("rule.recordObject")} at="object">
          <Select
            aria-label={t("rule.recordObject")}
            showSearch={{ optionFilterProp: "label" }}
            value={action.object || null}
            options={(designs?.objects ?? [])
              .filter((each) => each.key !== "task" && each.key !== "signal")
              .map((each) => ({ value: each.key, label: say(each.label) }))}
            onChange={(chosen: string) =>
              set({
                object: chosen,
                about: relationsOf(designs, chosen).find((each) => each.target === object)?.key ?? null,
                values: {},
              })
            }
          />
        </Labelled>
        {back.length > 0 && (
          <Labelled label={t("rule.about")} at="about">
            <Select
              aria-label={t("rule.about")}
              allowClear
              value={action.about}
              options={back.map((each) => ({ value: each.key, label: say(each.label) }))}
              onChange={(about) => set({ about: about ?? null })}
            />
          </Labelled>
        )}
      </div>
      {action.object && (
        <Values
          object={object}
          written={action.object}
          except={action.about}
          values={action.values}
          onChange={(values) => set({ values })}
        />
      )}
    </>
  );
}

/** Fields of the object `written`, each with a formula over a record of `object`. */
function Values(props: {
  object: string;
  written: string;
  except?: string | null;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}) {
  const { object, written, except, values, onChange } = props;
  const { t, say } = useWords();
  const fields = useDesigns()?.objects.find((each) => each.key === written)?.fields ?? [];
  const free = fields.filter((each) => !(each.key in values) && each.key !== except);
  return (
    <>
      {Object.entries(values).map(([key, formula]) => {
        const label = say(fields.find((each) => each.key === key)?.label) || key;
        return (
          <div key={key} className="set-line">
            <span>{t("rule.becomes", { name: label })}</span>
            <FormulaEditor
              object={object}
              at={`values.${key}`}
              label={label}
              value={formula}
              onChange={(text) => onChange({ ...values, [key]: text })}
            />
            <Button
              type="text"
              size="small"
              aria-label={t("rule.removeField", { name: label })}
              icon={<X size={14} aria-hidden />}
              onClick={() => onChange(Object.fromEntries(Object.entries(values).filter(([each]) => each !== key)))}
            />
          </div>
        );
      })}
      {/* A field that is lacking has no input yet. */}
      <At place="values">
        <Select
          aria-label={t("rule.addField")}
          placeholder={t("rule.addField")}
          showSearch={{ optionFilterProp: "label" }}
          value={null}
          suffixIcon={<Plus size={13} aria-hidden />}
          options={free.map((each) => ({ value: each.key, label: say(each.label) }))}
          onChange={(key: string | null) => key && onChange({ ...values, [key]: "" })}
        />
      </At>
    </>
  );
}
