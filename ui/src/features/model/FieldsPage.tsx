import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select, Table } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { FieldDef } from "../../api/types";
import { useWords } from "../../app/language";
import { AddField } from "./AddField";
import { FIELD_TYPES } from "./draft";

/** The fields of an object. */
export function FieldsPage() {
  const { t, say } = useWords();
  const model = useModel();
  const asked = useSearch({ from: "/build/fields" });
  const navigate = useNavigate({ from: "/build/fields" });
  const [adding, setAdding] = useState(false);
  const objects = model.data?.objects ?? [];
  const object =
    objects.find((each) => each.key === asked.object) ?? objects.find((each) => !each.builtin) ?? objects[0];
  if (object === undefined) return null;
  return (
    <>
      <header className="bar">
        <h1>{t("fields")}</h1>
        <Select
          aria-label={t("fields")}
          style={{ width: 180 }}
          value={object.key}
          onChange={(key) => void navigate({ search: { object: key } })}
          options={objects.map((each) => ({ value: each.key, label: say(each.label) }))}
        />
        <span className="gap" />
        <Button type="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
          {t("addField")}
        </Button>
      </header>
      <div className="page">
        <Table<FieldDef>
          size="small"
          rowKey="key"
          pagination={false}
          dataSource={object.fields}
          columns={[
            { title: t("field"), render: (_, field) => say(field.label) },
            { title: t("key"), dataIndex: "key" },
            {
              title: t("type"),
              render: (_, field) => say(FIELD_TYPES[field.type] ?? { zh: field.type, en: field.type }),
            },
            { title: t("required"), render: (_, field) => (field.required ? t("yes") : "") },
          ]}
        />
      </div>
      {adding && <AddField object={object} onClose={() => setAdding(false)} />}
    </>
  );
}
