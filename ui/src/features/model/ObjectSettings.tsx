import { Button, Select, Switch } from "antd";
import { useState } from "react";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import { AskedChange, useDraftChange } from "../../designers/change/asking";
import { NewThing } from "../../designers/change/NewThing";
import { FaultPlaces, Refused } from "../../designers/faults/FaultPlaces";
import { both, LabelFields, Line } from "../../designers/LabelFields";
import { changeObject, type ObjectDesign } from "./definition";

const NOTHING: Label = { zh: "", en: "" };
const ICONS = ["building", "user", "users", "target", "cart", "receipt", "file", "package", "pin", "message"];

/** What an object is called, which field stands for a record, its picture; and its removal. */
export function ObjectSettings({ object }: { object: ObjectDesign }) {
  const { t, say } = useWords();
  const [label, setLabel] = useState<Label>(object.label);
  const [plural, setPlural] = useState<Label>(object.plural ?? object.label);
  const [title, setTitle] = useState(object.title);
  const [icon, setIcon] = useState(object.icon ?? null);
  const [watched, setWatched] = useState(object.watched ?? false);
  const [gives, setGives] = useState<Label>(object.description ?? NOTHING);
  const description = gives.zh || gives.en ? both(gives) : null;
  const after = { label: both(label), plural: both(plural), description, title, icon, watched };
  const changed =
    JSON.stringify(after) !==
    JSON.stringify({
      label: object.label,
      plural: object.plural ?? object.label,
      description: object.description ?? null,
      title: object.title,
      icon: object.icon ?? null,
      watched: object.watched ?? false,
    });
  const change = useDraftChange(changed);
  return (
    <FaultPlaces draft={after}>
      <div className="narrow">
        <Refused />
        <dl className="fields settings">
          <Line label={t("labelWord")} at="label">
            <LabelFields label={label} onChange={setLabel} />
          </Line>
          <Line label={t("pluralWord")} at="plural">
            <LabelFields label={plural} onChange={setPlural} />
          </Line>
          <Line label={t("formGives")} at="description" lead={t("formGivesLead")}>
            <LabelFields label={gives} onChange={setGives} />
          </Line>
          <Line label={t("titleField")} at="title" lead={t("titleFieldLead")}>
            <Select
              aria-label={t("titleField")}
              style={{ width: "100%" }}
              value={title}
              onChange={setTitle}
              options={object.fields.map((each) => ({ value: each.key, label: say(each.label) }))}
            />
          </Line>
          <Line label={t("icon")} at="icon">
            <Icons object={object} icon={icon} onChange={setIcon} />
          </Line>
          <Line label={t("watched")} lead={t("watchedLead")}>
            <Switch aria-label={t("watched")} checked={watched} onChange={setWatched} />
          </Line>
        </dl>
        <div className="layout-foot">
          <Button
            disabled={!changed}
            onClick={() =>
              change.ask({ title: t("changeOf", { name: say(object.label) }), actions: [changeObject(object, after)] })
            }
          >
            {t("preview")}
          </Button>
          <span className="gap" />
          {!object.builtin && (
            <Button
              type="text"
              danger
              onClick={() =>
                change.ask({
                  title: t("removeOf", { name: say(object.label) }),
                  actions: [{ action: "remove_object", object: object.key }],
                })
              }
            >
              {t("removeObject")}
            </Button>
          )}
        </div>
        <AskedChange change={change} />
      </div>
    </FaultPlaces>
  );
}

function Icons(props: { object: ObjectDesign; icon: string | null; onChange: (icon: string) => void }) {
  const { object, icon, onChange } = props;
  return (
    <div className="icons" role="radiogroup">
      {ICONS.map((each) => (
        <button
          key={each}
          type="button"
          role="radio"
          aria-checked={each === icon}
          aria-label={each}
          onClick={() => onChange(each)}
        >
          <ObjectIcon object={{ ...object, icon: each }} />
        </button>
      ))}
    </div>
  );
}

/** A new object: its name and the field that its records are called by; more fields come after. */
export function AddObject(props: { objects: ObjectDesign[]; onMade: (key: string) => void; onClose: () => void }) {
  const { objects, onMade, onClose } = props;
  const { t } = useWords();
  return (
    <NewThing
      title={t("addObject")}
      taken={objects.map((each) => each.key)}
      word="object"
      actionOf={(key, label) => ({
        action: "add_object",
        object: {
          key,
          label,
          title: "name",
          fields: [
            {
              key: "name",
              type: "text",
              label: { zh: `${label.zh}名称`, en: `${label.en} name` },
              required: true,
              searchable: true,
            },
          ],
        },
      })}
      onMade={onMade}
      onClose={onClose}
    >
      <p className="lead">{t("newObjectLead")}</p>
    </NewThing>
  );
}
