import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Checkbox, Input, Modal, Select, Table } from "antd";
import { Plus } from "lucide-react";
import { useState } from "react";
import { call, Problem } from "../../api/client";
import { useModel } from "../../api/queries";
import type { FieldDef, ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { type Draft, FIELD_TYPES, fieldFrom } from "./draft";

/** The fields of an object, and a new one in a minute: previewed, applied live, undone. */
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

interface Preview {
  steps?: { summary?: string; sql?: string }[];
  faults?: { message: string }[];
}

function AddField({ object, onClose }: { object: ObjectDef; onClose: () => void }) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>({ key: "", zh: "", en: "", type: "text", required: false, options: "" });
  const [preview, setPreview] = useState<Preview>();
  const [problem, setProblem] = useState<Problem>();
  const set = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setPreview(undefined);
  };
  const changeset = { actions: [{ action: "add_field", object: object.key, field: fieldFrom(draft) }] };
  const send = async <T,>(path: string, body: unknown): Promise<T | undefined> => {
    try {
      setProblem(undefined);
      return await call<T>("POST", path, body);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      else throw error;
      return undefined;
    }
  };
  const undo = async (id: string) => {
    await send(`/api/model/changes/${id}/undo`, {});
    await client.invalidateQueries();
  };
  const apply = async () => {
    const applied = await send<{ id: string }>("/api/model/changes", changeset);
    if (applied === undefined) return;
    await client.invalidateQueries();
    notification.success({
      title: t("applied"),
      actions: (
        <Button size="small" onClick={() => void undo(applied.id)}>
          {t("undoChange")}
        </Button>
      ),
      duration: 20,
    });
    onClose();
  };
  const check = async () => setPreview(await send<Preview>("/api/model/changes?preview=true", changeset));
  return (
    <Modal
      open
      title={`${t("addField")} · ${say(object.label)}`}
      onCancel={onClose}
      cancelText={t("cancel")}
      okText={preview ? t("apply") : t("preview")}
      onOk={() => void (preview ? apply() : check())}
    >
      <dl className="fields">
        <Entry label={t("labelZh")}>
          <Input aria-label={t("labelZh")} value={draft.zh} onChange={(event) => set({ zh: event.target.value })} />
        </Entry>
        <Entry label={t("labelEn")}>
          <Input aria-label={t("labelEn")} value={draft.en} onChange={(event) => set({ en: event.target.value })} />
        </Entry>
        <Entry label={t("key")}>
          <Input
            aria-label={t("key")}
            placeholder={t("keyLead")}
            value={draft.key}
            onChange={(event) => set({ key: event.target.value })}
          />
        </Entry>
        <Entry label={t("type")}>
          <Select
            aria-label={t("type")}
            style={{ width: "100%" }}
            value={draft.type}
            onChange={(type) => set({ type })}
            options={Object.entries(FIELD_TYPES).map(([value, label]) => ({ value, label: say(label) }))}
          />
        </Entry>
        {draft.type.endsWith("choice") && (
          <Entry label={t("options")}>
            <Input.TextArea
              aria-label={t("options")}
              autoSize={{ minRows: 3 }}
              value={draft.options}
              onChange={(event) => set({ options: event.target.value })}
            />
          </Entry>
        )}
        <Entry label={t("required")}>
          <Checkbox
            aria-label={t("required")}
            checked={draft.required}
            onChange={(event) => set({ required: event.target.checked })}
          />
        </Entry>
      </dl>
      {problem && (
        <p role="alert" className="fault">
          {problem.message}
        </p>
      )}
      {preview && (
        <section aria-live="polite">
          <b>{t("impact")}</b>
          <p>{t("impactNone")}</p>
        </section>
      )}
    </Modal>
  );
}

function Entry({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
