import { Button, Dropdown, Input } from "antd";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { At, FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { both, inLanguage } from "../../designers/LabelFields";
import { changeObject, type FormSection, type ObjectDesign } from "./definition";

type Draft = FormSection & { id: string };
let made = 0;

/** The sections of the record page and the fields in each, put in order by drag. */
export function FormLayout({ object }: { object: ObjectDesign }) {
  const { t, say, language } = useWords();
  const [draft, setDraft] = useState<Draft[]>(() => drafts(object.form ?? []));
  const laidOut = new Set(draft.flatMap((each) => each.fields));
  const left = object.fields.filter((each) => !laidOut.has(each.key));
  const form: FormSection[] = draft.map(({ label, fields }) => ({ label: both(label), fields }));
  const changed = JSON.stringify(form) !== JSON.stringify(object.form ?? []);
  const change = useDraftChange(changed);
  const save = () =>
    change.ask({ title: `${t("formLayout")} · ${say(object.label)}`, actions: [changeObject(object, { form })] });
  const replace = (id: string, part: Partial<FormSection>) =>
    setDraft((before) => before.map((each) => (each.id === id ? { ...each, ...part } : each)));
  const nameOf = (key: string) => {
    const field = [...object.fields, ...(object.system_fields ?? [])].find((each) => each.key === key);
    return field ? say(field.label) : key;
  };
  return (
    <FaultPlaces draft={{ form }}>
      <div className="layout">
        <Refused />
        <p className="lead">{draft.length === 0 ? t("layoutNothing") : t("layoutLead")}</p>
        <SortableList
          items={draft}
          idOf={(each) => each.id}
          labelOf={(each) => t("moveOf", { name: say(each.label) })}
          onOrder={setDraft}
          render={(section, at) => (
            <At place={`form.${at}`}>
              <section className="layout-section">
                <header>
                  <At place="label">
                    <Input
                      aria-label={t("sectionName")}
                      placeholder={t("sectionName")}
                      value={section.label[language]}
                      onChange={(event) =>
                        replace(section.id, { label: inLanguage(section.label, language, event.target.value) })
                      }
                    />
                  </At>
                  <Button
                    type="text"
                    icon={<Trash2 size={14} aria-hidden />}
                    aria-label={t("removeOf", { name: say(section.label) })}
                    onClick={() => setDraft((before) => before.filter((each) => each.id !== section.id))}
                  />
                </header>
                <SortableList
                  items={section.fields}
                  idOf={(key) => key}
                  labelOf={(key) => t("moveOf", { name: nameOf(key) })}
                  onOrder={(fields) => replace(section.id, { fields })}
                  render={(key) => (
                    <div className="layout-field">
                      <span>{nameOf(key)}</span>
                      <Button
                        type="text"
                        size="small"
                        onClick={() => replace(section.id, { fields: section.fields.filter((each) => each !== key) })}
                      >
                        {t("takeOut")}
                      </Button>
                    </div>
                  )}
                />
                {left.length > 0 && (
                  <Dropdown
                    trigger={["click"]}
                    menu={{
                      items: left.map((each) => ({
                        key: each.key,
                        label: say(each.label),
                        onClick: () => replace(section.id, { fields: [...section.fields, each.key] }),
                      })),
                      style: { maxHeight: 320, overflow: "auto" },
                    }}
                  >
                    <Button type="text" size="small" icon={<Plus size={13} aria-hidden />}>
                      {t("addToSection")}
                    </Button>
                  </Dropdown>
                )}
              </section>
            </At>
          )}
        />
        <div className="layout-foot">
          <Button
            icon={<Plus size={14} aria-hidden />}
            onClick={() => setDraft((before) => [...before, newSection({ zh: "", en: "" }, [])])}
          >
            {t("addSection")}
          </Button>
          {changed && (
            <>
              <Button onClick={save} disabled={form.some((each) => each.label.zh.trim() === "")}>
                {t("preview")}
              </Button>
              <Button type="text" onClick={() => setDraft(drafts(object.form ?? []))}>
                {t("discard")}
              </Button>
            </>
          )}
        </div>
        <AskedChange change={change} />
      </div>
    </FaultPlaces>
  );
}

function newSection(label: Label, fields: string[]): Draft {
  made += 1;
  return { id: `section ${made}`, label, fields };
}

const drafts = (form: FormSection[]) => form.map((each) => newSection(each.label, [...each.fields]));
