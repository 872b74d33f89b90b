import { Dropdown, Input } from "antd";
import { Braces } from "lucide-react";
import { useRef } from "react";
import { useWords } from "../../app/language";
import { namedFields, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";

/** Text with formulas in braces: "{name}：{days} 天未互动". */
export function TemplateInput(props: {
  object: string;
  label: string;
  /** Its place in the action, where faults of it are told. */
  at: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const { object, label, at: place, value, onChange } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const caret = useRef(value.length);
  const fields = namedFields(designs, object);
  const put = (key: string) => {
    const at = Math.min(caret.current, value.length);
    onChange(`${value.slice(0, at)}{${key}}${value.slice(at)}`);
    caret.current = at + key.length + 2;
  };
  return (
    <At place={place}>
      <Input
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onSelect={(event) => {
          caret.current = event.currentTarget.selectionStart ?? value.length;
        }}
        suffix={
          <Dropdown
            trigger={["click"]}
            menu={{
              items: fields.map((each) => ({ key: each.key, label: say(each.label) })),
              onClick: ({ key }) => put(key),
              style: { maxHeight: 280, overflow: "auto" },
            }}
          >
            <button type="button" className="view-more" aria-label={t("rule.insertField", { name: label })}>
              <Braces size={14} aria-hidden />
            </button>
          </Dropdown>
        }
      />
    </At>
  );
}
