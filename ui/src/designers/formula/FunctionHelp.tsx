import { Button, Input, Popover } from "antd";
import { SquareFunction } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import { namedFields, useDesigns } from "../definitions";
import type { FunctionEntry } from "./completion";

/** What there is to use: the fields of the object and the functions, with what each means. A click puts it in. */
export function FunctionHelp(props: {
  object: string;
  functions: FunctionEntry[];
  onInsert: (text: string, back?: number) => void;
}) {
  const { object, functions, onInsert } = props;
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const has = (...texts: string[]) => wanted === "" || texts.some((each) => each.toLowerCase().includes(wanted));
  const put = (text: string, back?: number) => {
    setOpen(false);
    onInsert(text, back);
  };
  const fields = namedFields(designs, object).filter((each) => has(each.key, each.label.zh, each.label.en));
  const shown = functions.filter((each) => has(each.name, each.meaning, ...each.aliases));
  const content = (
    <div className="formula-help">
      <Input
        allowClear
        aria-label={t("formula.find")}
        placeholder={t("formula.find")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <div className="formula-help-list">
        {fields.length > 0 && <h3>{t("formula.fields")}</h3>}
        <div className="formula-fields">
          {fields.map((field) => (
            <button
              key={field.key}
              type="button"
              onClick={() => put(language === "zh" ? `[${say(field.label)}]` : field.key)}
            >
              {say(field.label)}
            </button>
          ))}
        </div>
        {shown.length > 0 && <h3>{t("formula.functions")}</h3>}
        {shown.map((each) => (
          <button key={each.name} type="button" className="formula-function" onClick={() => put(`${each.name}()`, 1)}>
            <code>{each.signature}</code>
            <span>{each.meaning}</span>
          </button>
        ))}
      </div>
    </div>
  );
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      content={content}
      destroyOnHidden
    >
      <Button
        type="text"
        size="small"
        className="formula-help-button"
        aria-label={t("formula.help")}
        title={t("formula.help")}
        icon={<SquareFunction size={15} strokeWidth={1.6} aria-hidden />}
      />
    </Popover>
  );
}
