import { Checkbox, Select } from "antd";
import { useModel } from "../../api/queries";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import { type Mapping, NAMING_TYPES, targetOf } from "./ways";

type Mapped = Mapping["fields"][number];

/** How a relation is found by what the source gives, and where a person's change goes back to. */
export function FieldWays(props: {
  field: FieldDef;
  mapped: Mapped;
  columns: Mapping["columns"];
  onChange: (part: Partial<Mapped>) => void;
}) {
  const { field, mapped, columns, onChange } = props;
  const { t, say } = useWords();
  const target = useModel().data?.objects.find((each) => each.key === targetOf(field));
  const named = (target?.fields ?? []).filter((each) => NAMING_TYPES.includes(each.type));
  const options = named.map((each) => ({ value: each.key, label: say(each.label) }));
  const paths = [...new Set([...columns.map((each) => each.path), ...(mapped.push === null ? [] : [mapped.push])])];
  const name = say(field.label);
  return (
    <div className="field-ways">
      {target && (
        <>
          <div className="way">
            <span>{t("foundBy", { name: say(target.label) })}</span>
            <At place="by">
              <Select
                aria-label={`${name} ${t("foundBy", { name: say(target.label) })}`}
                mode="multiple"
                maxCount={5}
                value={mapped.by}
                onChange={(by) => onChange({ by })}
                options={options}
              />
            </At>
          </div>
          <div className="way">
            <span>{t("likeWith")}</span>
            <Select<string | null>
              aria-label={`${name} ${t("likeWith")}`}
              value={mapped.like}
              onChange={(like) => onChange({ like })}
              options={[{ value: null, label: t("notCompared") }, ...options]}
            />
          </div>
          <Checkbox
            checked={mapped.create_missing}
            onChange={(event) => onChange({ create_missing: event.target.checked })}
          >
            {t("makesMissing", { name: say(target.label) })}
          </Checkbox>
        </>
      )}
      <div className="way">
        <span>{t("pushedTo")}</span>
        <At place="push">
          <Select<string | null>
            aria-label={`${name} ${t("pushedTo")}`}
            value={mapped.push}
            onChange={(push) => onChange({ push })}
            options={[
              { value: null, label: t("notPushed") },
              ...paths.filter((each) => each !== "").map((each) => ({ value: each, label: each })),
            ]}
          />
        </At>
      </div>
    </div>
  );
}
