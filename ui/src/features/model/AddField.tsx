import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Input, Modal, Select } from "antd";
import { type ReactNode, useState } from "react";
import { call, Problem } from "../../api/client";
import { useModel } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { FormulaEditor } from "../../designers/formula/FormulaEditor";
import { type Draft, FIELD_TYPES, fieldFrom } from "./draft";
import { type Preview, PreviewOfChange } from "./PreviewOfChange";

const EMPTY: Draft = { key: "", zh: "", en: "", type: "text", required: false, options: "" };

/** A new field in a minute: named, previewed, applied live for everyone, and undone if it was a mistake. */
export function AddField({ object, onClose }: { object: ObjectDef; onClose: () => void }) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const client = useQueryClient();
  const model = useModel().data;
  const [draft, setDraft] = useState(EMPTY);
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
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      return undefined;
    }
  };
  const undo = async (id: string) => {
    await call("POST", `/api/model/changes/${id}/undo`, {});
    notification.destroy(id);
    await client.invalidateQueries();
  };
  const apply = async () => {
    const applied = await send<{ id: string }>("/api/model/changes", changeset);
    if (applied === undefined) return;
    await client.invalidateQueries();
    notification.success({
      key: applied.id,
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
  const ready = preview !== undefined && preview.faults.length === 0;
  return (
    <Modal
      open
      title={`${t("addField")} · ${say(object.label)}`}
      onCancel={onClose}
      cancelText={t("cancel")}
      okText={ready ? t("apply") : t("preview")}
      onOk={() => void (ready ? apply() : check())}
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
        {draft.type === "relation" && (
          <Entry label={t("relationTarget")}>
            <Select
              aria-label={t("relationTarget")}
              style={{ width: "100%" }}
              {...(draft.target === undefined ? {} : { value: draft.target })}
              onChange={(target: string) => set({ target })}
              options={(model?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
            />
          </Entry>
        )}
        {draft.type === "formula" && (
          <Entry label={t("formulaWord")}>
            <FormulaEditor
              object={object.key}
              label={t("formulaWord")}
              value={draft.formula ?? ""}
              onChange={(formula) => set({ formula })}
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
      {preview && <PreviewOfChange preview={preview} />}
    </Modal>
  );
}

function Entry({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
