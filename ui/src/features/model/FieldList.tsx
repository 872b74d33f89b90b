import { Button } from "antd";
import { useState } from "react";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { AskedChange, useChange } from "../../designers/change/asking";
import type { ObjectDesign } from "./definition";
import { FIELD_TYPES } from "./draft";
import { FieldEditor } from "./FieldEditor";

/** The fields of an object in their order; dragged into another, opened to be changed. */
export function FieldList({ object }: { object: ObjectDesign }) {
  const { t, say } = useWords();
  const [order, setOrder] = useState<string[]>();
  const [editing, setEditing] = useState<FieldDef>();
  const change = useChange(() => setOrder(undefined));
  const present = object.fields.map((each) => each.key);
  // A field that came or went meanwhile makes the order that was begun void.
  const fits = order !== undefined && order.length === present.length && order.every((key) => present.includes(key));
  const keys = fits ? order : present;
  const fields = keys.flatMap((key) => object.fields.find((each) => each.key === key) ?? []);
  const save = () =>
    change.ask({
      title: `${t("saveOrder")} · ${say(object.label)}`,
      actions: [{ action: "reorder", kind: "fields", object: object.key, keys }],
    });
  return (
    <>
      {fits && order.join() !== present.join() && (
        <div className="notice-line">
          <span>{t("orderChanged")}</span>
          <Button size="small" onClick={save}>
            {t("saveOrder")}
          </Button>
          <Button size="small" type="text" onClick={() => setOrder(undefined)}>
            {t("discard")}
          </Button>
        </div>
      )}
      <div className="rows">
        <SortableList
          items={fields}
          idOf={(field) => field.key}
          labelOf={(field) => t("moveOf", { name: say(field.label) })}
          onOrder={(items) => setOrder(items.map((each) => each.key))}
          render={(field) => (
            <button type="button" className="row-button" onClick={() => setEditing(field)}>
              <b>{say(field.label)}</b>
              <span className="blank key">{field.key}</span>
              <span className="row-type">{say(FIELD_TYPES[field.type]) || field.type}</span>
              <span className="row-marks">
                {field.key === object.title && <span className="chip">{t("titleField")}</span>}
                {field.required && <span className="chip">{t("required")}</span>}
                {field.unique && <span className="chip">{t("unique")}</span>}
                {field.searchable && <span className="chip">{t("searchable")}</span>}
              </span>
            </button>
          )}
        />
      </div>
      {editing && (
        <FieldEditor key={editing.key} object={object} field={editing} onClose={() => setEditing(undefined)} />
      )}
      <AskedChange change={change} />
    </>
  );
}
