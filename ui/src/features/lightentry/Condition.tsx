import { Select } from "antd";
import { useState } from "react";
import type { FieldDef, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { optionsOf } from "../../meta/options";
import { choicesOf, type OneOf, readOneOf, writeOneOf } from "./sayings";

const ALWAYS = "";
const OWN_FORMULA = "=";

/** For which records: always, where a choice (the stage) is or is not one of several, or as a formula says. */
export function Condition(props: {
  label: string;
  subject: ObjectDef;
  value: string | null;
  /** What it means to have no condition, where that is not "always". */
  without?: string;
  onChange: (value: string | null) => void;
}) {
  const { label, subject, value, without, onChange } = props;
  const { t, say } = useWords();
  const choices = choicesOf(subject.fields);
  const read = value === null ? undefined : readOneOf(value, choices);
  // What is being chosen has no formula yet: a field with nothing of it picked says nothing.
  const [begun, setBegun] = useState<OneOf>();
  const said = read ?? (value === null ? begun : undefined);
  const mode = said ? said.field : value === null ? ALWAYS : OWN_FORMULA;
  const put = (next: OneOf) => {
    setBegun(next);
    onChange(writeOneOf(next));
  };
  const choose = (next: string) => {
    if (next === ALWAYS || next === OWN_FORMULA) {
      setBegun(undefined);
      onChange(next === ALWAYS ? null : (value ?? ""));
    } else put({ field: next, isNot: false, keys: [] });
  };
  return (
    <div className="stack">
      <div className="plain-condition">
        <Select
          aria-label={label}
          value={mode}
          options={[
            { value: ALWAYS, label: without ?? t("entry.always") },
            ...choices.map((each) => ({ value: each.key, label: say(each.label) })),
            { value: OWN_FORMULA, label: t("entry.formula") },
          ]}
          onChange={choose}
        />
        {said && <Choice field={choices.find((each) => each.key === said.field)} said={said} onChange={put} />}
      </div>
      {mode === OWN_FORMULA && (
        <FormulaEditor
          object={subject.key}
          label={t("entry.formulaOf", { name: label })}
          expect="boolean"
          value={value ?? ""}
          onChange={onChange}
        />
      )}
    </div>
  );
}

function Choice(props: { field: FieldDef | undefined; said: OneOf; onChange: (said: OneOf) => void }) {
  const { field, said, onChange } = props;
  const { t, say } = useWords();
  if (field === undefined) return null;
  return (
    <>
      <Select
        aria-label={t("entry.isOrNot", { name: say(field.label) })}
        value={said.isNot}
        options={[
          { value: false, label: t("entry.is") },
          { value: true, label: t("entry.isNot") },
        ]}
        onChange={(isNot) => onChange({ ...said, isNot })}
      />
      <Select
        aria-label={t("entry.oneOf", { name: say(field.label) })}
        mode="multiple"
        value={said.keys}
        options={optionsOf(field).map((each) => ({ value: each.key, label: say(each.label) }))}
        onChange={(keys) => onChange({ ...said, keys })}
      />
    </>
  );
}
