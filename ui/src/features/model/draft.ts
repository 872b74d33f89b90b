import type { Label } from "../../api/types";
import { both } from "../../designers/LabelFields";

/** The kinds of fields, as people call them. */
export const FIELD_TYPES: Record<string, Label> = {
  text: { zh: "文本", en: "Text" },
  long_text: { zh: "长文本", en: "Long text" },
  number: { zh: "数字", en: "Number" },
  money: { zh: "金额", en: "Money" },
  percent: { zh: "百分比", en: "Percent" },
  date: { zh: "日期", en: "Date" },
  datetime: { zh: "日期时间", en: "Date and time" },
  boolean: { zh: "是/否", en: "Yes/no" },
  choice: { zh: "单选", en: "Single choice" },
  multi_choice: { zh: "多选", en: "Multi choice" },
  phone: { zh: "电话", en: "Phone" },
  email: { zh: "邮箱", en: "E-mail" },
  url: { zh: "网址", en: "URL" },
  person: { zh: "人员", en: "Person" },
  team: { zh: "团队", en: "Team" },
  relation: { zh: "关联", en: "Relation" },
  formula: { zh: "公式", en: "Formula" },
  auto_number: { zh: "自动编号", en: "Auto number" },
  file: { zh: "附件", en: "File" },
  duration: { zh: "时长", en: "Duration" },
  point: { zh: "位置", en: "Place" },
  json: { zh: "JSON", en: "JSON" },
};

export interface Draft {
  key: string;
  zh: string;
  en: string;
  type: string;
  required: boolean;
  options: string;
  /** Of a relation: the object it leads to. */
  target?: string;
  /** Of a formula field. */
  formula?: string;
}

/** The field's definition in the catalogue's form. Options get the keys c1, c2, … which never change; a line names one
 * in Chinese, and behind a bar, or the tab of a spreadsheet's two columns, in English. */
export function fieldFrom(draft: Draft) {
  const lines = draft.options.split("\n").map((line) => line.trim());
  const choices = lines.filter(Boolean).map((line, at) => {
    const [zh = "", en = ""] = line.split(/[|｜\t]/).map((name) => name.trim());
    return { key: `c${at + 1}`, label: both({ zh, en }) };
  });
  return {
    key: draft.key,
    type: draft.type,
    label: { zh: draft.zh || draft.en || draft.key, en: draft.en || draft.zh || draft.key },
    required: draft.required,
    ...(draft.type.endsWith("choice") ? { options: { choices } } : {}),
    ...(draft.type === "relation" ? { options: { target: draft.target ?? "" } } : {}),
    ...(draft.type === "formula" ? { options: { text: draft.formula ?? "" } } : {}),
  };
}
