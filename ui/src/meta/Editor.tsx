import { useQuery } from "@tanstack/react-query";
import { DatePicker, Input, InputNumber, Select, Switch } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { listRecords, useModel } from "../api/queries";
import type { FieldDef, FieldValue } from "../api/types";
import { useWords } from "../app/language";
import { optionsOf } from "./options";
import { targetOf, titleOf } from "./target";
import { isReference } from "./Value";

interface EditorProps {
  id: string;
  field: FieldDef;
  value: FieldValue | undefined;
  onChange: (value: FieldValue) => void;
  invalid: boolean;
  /** Takes the focus when it appears; a list of choices opens then. */
  focus?: boolean;
}

const READ_ONLY = new Set(["formula", "auto_number", "file", "point", "json"]);
export const isEditable = (field: FieldDef) => !READ_ONLY.has(field.type);

/** Thousands are told apart once the typing is over; what is pasted with separators is taken. */
export const GROUPED = {
  formatter: (given: string | number | undefined, { userTyping, input }: { userTyping: boolean; input: string }) =>
    userTyping ? input : String(given ?? "").replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",")),
  parser: (shown: string | undefined) => (shown ?? "").replace(/[,，\s]/g, ""),
};

/** The input for a field's kind. What it gives is the API's JSON form of the value. */
export function Editor(props: EditorProps) {
  const { id, field, value, onChange, invalid, focus = false } = props;
  const { language } = useWords();
  const status = invalid ? ("error" as const) : undefined;
  const common = {
    id,
    ...(status ? { status } : {}),
    ...(focus ? { autoFocus: true } : {}),
    "aria-label": field.label[language],
    style: { width: "100%" },
  };
  const opened = focus ? { defaultOpen: true } : {};
  switch (field.type) {
    case "long_text":
      return (
        <Input.TextArea
          {...common}
          autoSize={{ minRows: 2, maxRows: 10 }}
          value={String(value ?? "")}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "number":
    case "money":
    case "duration":
      return (
        <InputNumber<string>
          {...common}
          stringMode
          {...(field.type === "money" ? GROUPED : {})}
          {...(value === null || value === undefined ? {} : { value: String(value) })}
          onChange={(given) => onChange(given === null || given === undefined || given === "" ? null : Number(given))}
        />
      );
    case "percent":
      return (
        <InputNumber<number>
          {...common}
          suffix="%"
          value={typeof value === "number" ? Number((value * 100).toFixed(8)) : null}
          onChange={(given) => onChange(given === null ? null : Number((given / 100).toFixed(10)))}
        />
      );
    case "boolean":
      return <Switch id={id} checked={value === true} onChange={onChange} aria-label={field.label[language]} />;
    case "date":
      return (
        <DatePicker
          {...common}
          {...opened}
          value={typeof value === "string" ? dayjs(value) : null}
          onChange={(given) => onChange(given ? given.format("YYYY-MM-DD") : null)}
        />
      );
    case "datetime":
      return (
        <DatePicker
          {...common}
          showTime={{ format: "HH:mm" }}
          value={typeof value === "string" ? dayjs(value) : null}
          onChange={(given) => onChange(given ? given.toISOString() : null)}
        />
      );
    case "choice":
    case "multi_choice":
      return (
        <Select
          {...common}
          {...opened}
          allowClear
          {...(field.type === "multi_choice" ? { mode: "multiple" as const } : {})}
          value={(value ?? (field.type === "multi_choice" ? [] : undefined)) as never}
          onChange={(given: FieldValue | undefined) => onChange(given ?? null)}
          options={optionsOf(field).map((each) => ({ value: each.key, label: each.label[language] || each.label.zh }))}
        />
      );
    case "person":
    case "team":
    case "relation":
      return <ReferenceEditor {...props} />;
    default:
      return (
        <Input {...common} value={String(value ?? "")} onChange={(event) => onChange(event.target.value || null)} />
      );
  }
}

/** Finds records of the other object by their search text, as far as the person may see them. */
function ReferenceEditor({ id, field, value, onChange, invalid, focus = false }: EditorProps) {
  const { language } = useWords();
  const [typed, setTyped] = useState("");
  const target = targetOf(field) ?? "";
  const model = useModel().data;
  const many = field.options.many === true;
  const found = useQuery({
    queryKey: ["choices", target, typed],
    queryFn: () => listRecords(target, { limit: 20, search: typed }),
    placeholderData: (before) => before,
  });
  const chosen = (Array.isArray(value) ? value : value ? [value] : []).filter(isReference);
  const offered = new Map(chosen.map((each) => [each.id, each.label ?? each.id]));
  for (const row of found.data?.items ?? []) offered.set(row.id, titleOf(model, target, row));
  const ids = (Array.isArray(value) ? value : value ? [value] : []).map((each) =>
    isReference(each) ? each.id : String(each),
  );
  return (
    <Select
      id={id}
      aria-label={field.label[language]}
      {...(invalid ? { status: "error" as const } : {})}
      style={{ width: "100%" }}
      {...(focus ? { autoFocus: true, defaultOpen: true } : {})}
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped }}
      {...(many ? { mode: "multiple" as const } : {})}
      value={(many ? ids : ids[0]) as never}
      onChange={(given: string | string[] | undefined) => onChange(given ?? null)}
      options={[...offered].map(([key, label]) => ({ value: key, label }))}
    />
  );
}
