import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import { Plus, X } from "lucide-react";
import { useModel } from "../../api/queries";
import type { Label, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { inLanguage, Line } from "../../designers/LabelFields";
import { numberedKey } from "../../meta/keys";

type Options = Record<string, unknown>;

interface Choice {
  key: string;
  label: Label;
  color?: string | null;
  active?: boolean;
}

const COLOURS = ["red", "orange", "green", "blue", "purple"];

/** What a type has of its own: the choices, the target of a relation, the formula, the places behind the point. */
export function TypeOptions(props: {
  object: ObjectDef;
  type: string;
  options: Options;
  onChange: (options: Options) => void;
}) {
  const { object, type, options, onChange } = props;
  const { t, say } = useWords();
  const model = useModel().data;
  const set = (part: Options) => onChange({ ...options, ...part });
  switch (type) {
    case "choice":
    case "multi_choice":
      if (options.source === "roles") return null;
      return (
        <Line label={t("choices")} at="options.choices">
          <Choices choices={(options.choices as Choice[] | undefined) ?? []} onChange={(choices) => set({ choices })} />
        </Line>
      );
    case "relation":
      return (
        <Line label={t("relationTarget")} at="options.target">
          <Select
            aria-label={t("relationTarget")}
            style={{ width: "100%" }}
            {...(typeof options.target === "string" ? { value: options.target } : {})}
            onChange={(target: string) => set({ target })}
            options={(model?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
          />
          <Checkbox checked={options.many === true} onChange={(event) => set({ many: event.target.checked })}>
            {t("relationMany")}
          </Checkbox>
        </Line>
      );
    case "formula":
      return (
        <Line label={t("formulaWord")}>
          <FormulaEditor
            object={object.key}
            at="options.text"
            label={t("formulaWord")}
            value={String(options.text ?? "")}
            onChange={(text) => set({ text })}
            tried
          />
        </Line>
      );
    case "number":
    case "money":
      return (
        <Line label={t("decimals")} at="options.decimals">
          <InputNumber
            aria-label={t("decimals")}
            min={0}
            max={6}
            value={typeof options.decimals === "number" ? options.decimals : null}
            onChange={(decimals) => {
              const { decimals: _, ...rest } = options;
              onChange(decimals === null ? rest : { ...rest, decimals });
            }}
          />
          <Select
            aria-label={t("totalWord")}
            placeholder={t("totalWord")}
            style={{ width: 160 }}
            allowClear
            {...(typeof options.total === "string" ? { value: options.total } : {})}
            onChange={(total: string | undefined) => {
              const { total: _, ...rest } = options;
              onChange(total === undefined ? rest : { ...rest, total });
            }}
            options={[
              { value: "sum", label: t("total.sum") },
              { value: "average", label: t("total.avg") },
              { value: "none", label: t("total.none") },
            ]}
          />
        </Line>
      );
    case "auto_number":
      return (
        <Line label={t("numberPattern")} at="options.pattern" lead={t("numberPatternLead")}>
          <Input
            aria-label={t("numberPattern")}
            value={String(options.pattern ?? "")}
            placeholder="{000000}"
            onChange={(event) => set({ pattern: event.target.value })}
          />
        </Line>
      );
    default:
      return null;
  }
}

/** The choices in their order, each with a colour. One that is no longer used can be put to rest. */
function Choices({ choices, onChange }: { choices: Choice[]; onChange: (choices: Choice[]) => void }) {
  const { t, say, language } = useWords();
  const replace = (key: string, part: Partial<Choice>) =>
    onChange(choices.map((each) => (each.key === key ? { ...each, ...part } : each)));
  const add = () => {
    const key = numberedKey(
      "choice",
      choices.map((each) => each.key),
    );
    onChange([...choices, { key, label: { zh: "", en: "" } }]);
  };
  return (
    <div className="choices">
      <SortableList
        items={choices}
        idOf={(each) => each.key}
        labelOf={(each) => t("moveOf", { name: say(each.label) || each.key })}
        onOrder={onChange}
        render={(each) => (
          <div className="choice-line">
            <Input
              aria-label={`${t("name")} ${each.key}`}
              value={each.label[language]}
              onChange={(event) => replace(each.key, { label: inLanguage(each.label, language, event.target.value) })}
            />
            <Select
              aria-label={`${t("colour")} ${each.key}`}
              style={{ width: 92 }}
              value={each.color ?? ""}
              onChange={(color) => replace(each.key, { color: color === "" ? null : color })}
              options={[
                { value: "", label: t("noColour") },
                ...COLOURS.map((value) => ({
                  value,
                  label: (
                    <span className="chip" data-colour={value}>
                      {t(`colour.${value}`)}
                    </span>
                  ),
                })),
              ]}
            />
            <Button
              type="text"
              icon={<X size={14} aria-hidden />}
              aria-label={t("removeOf", { name: say(each.label) || each.key })}
              onClick={() => onChange(choices.filter((other) => other.key !== each.key))}
            />
          </div>
        )}
      />
      <Button size="small" icon={<Plus size={13} aria-hidden />} onClick={add}>
        {t("addChoice")}
      </Button>
    </div>
  );
}
