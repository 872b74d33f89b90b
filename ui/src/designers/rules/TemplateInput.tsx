import { Dropdown, Input } from "antd";
import { Braces } from "lucide-react";
import { useRef, useState } from "react";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import { namedFields, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";

/** What people read, in each language a text of its own; until it has an English one, all read the Chinese. */
export function TemplateInputs(props: {
  object: string;
  label: string;
  /** Its place in the action, where faults of it are told. */
  at: string;
  value: Label;
  onChange: (value: Label) => void;
}) {
  const { object, label, at, value, onChange } = props;
  const { t } = useWords();
  const [isBegun, setBegun] = useState(false);
  // An English text that is being written may be as the Chinese one for a while.
  const isOwn = isBegun || (value.en !== "" && value.en !== value.zh);
  return (
    <div className="pair">
      <TemplateInput
        object={object}
        at={at}
        label={t("rule.inChinese", { name: label })}
        value={value.zh}
        onChange={(zh) => onChange({ zh, en: isOwn ? value.en : zh })}
      />
      <TemplateInput
        object={object}
        at={`${at}.en`}
        label={t("rule.inEnglish", { name: label })}
        value={isOwn ? value.en : ""}
        onChange={(en) => {
          setBegun(en !== "");
          onChange({ zh: value.zh, en: en || value.zh });
        }}
      />
    </div>
  );
}

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
