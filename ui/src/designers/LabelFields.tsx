import { Input } from "antd";
import type { ReactNode } from "react";
import type { Label } from "../api/types";
import { type Language, useWords } from "../app/language";
import { At } from "./faults/FaultPlaces";

/** A line of a form: what it is, and the input; `at` is its place in the draft, where faults of it are told. */
export function Line(props: { label: string; children: ReactNode; lead?: string; at?: string }) {
  const { label, children, lead, at } = props;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {at === undefined ? children : <At place={at}>{children}</At>}
        {lead && <p className="lead small">{lead}</p>}
      </dd>
    </>
  );
}

/** A name in Chinese and English; the English one may wait. */
export function LabelFields({ label, onChange }: { label: Label; onChange: (label: Label) => void }) {
  const { t } = useWords();
  return (
    <div className="pair">
      <Input
        aria-label={t("labelZh")}
        placeholder={t("labelZh")}
        value={label.zh}
        onChange={(event) => onChange({ ...label, zh: event.target.value })}
      />
      <Input
        aria-label={t("labelEn")}
        placeholder={t("labelEn")}
        value={label.en}
        onChange={(event) => onChange({ ...label, en: event.target.value })}
      />
    </div>
  );
}

/** A name given in the language that is spoken; the other one follows until it says something of its own. */
export const inLanguage = (label: Label, language: Language, text: string): Label => {
  const other = language === "zh" ? "en" : "zh";
  return { ...label, [language]: text, ...(label[other] === label[language] ? { [other]: text } : {}) };
};

/** Both languages of a name, whichever was given. */
export const both = (label: Label): Label => ({ zh: label.zh || label.en, en: label.en || label.zh });
