import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Popover, Select } from "antd";
import { Pencil, Trash2, X } from "lucide-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { ManyWanted } from "../../api/schema";
import type { FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Editor, isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { inputsOf } from "./columns";

const MOST = 1000;

/** What can be done with the chosen rows together: all of it or nothing. */
export function BulkBar(props: { object: ObjectDef; rows: RecordRow[]; onDone: () => void }) {
  const { object, rows, onDone } = props;
  const { t } = useWords();
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const write = useMutation({
    mutationFn: (operations: ManyWanted["operations"]) =>
      told(api.POST("/api/records/{object}/bulk", { params: { path: { object: object.key } }, body: { operations } })),
    onSuccess: () => {
      refresh(client, object.key);
      void message.success(t("bulkDone", { count: rows.length }));
      onDone();
    },
    onError: (error) => void message.error(error.message, 6),
  });
  const change = (field: string, value: FieldValue) =>
    write.mutate(rows.map(({ id, version }) => ({ kind: "update", id, version, values: { [field]: value } })));
  const remove = () =>
    modal.confirm({
      title: t("bulkDeleteSure", { count: rows.length }),
      okText: t("delete"),
      cancelText: t("cancel"),
      okButtonProps: { danger: true },
      onOk: () => write.mutateAsync(rows.map(({ id, version }) => ({ kind: "delete", id, version }))),
    });
  return (
    <div className="bulk" role="toolbar" aria-label={t("bulk")}>
      <b>{t("chosen", { count: rows.length })}</b>
      {offers(object, "update") && (
        <Popover
          trigger="click"
          placement="top"
          content={<ChangeForm object={object} busy={write.isPending} onChange={change} />}
        >
          <Button icon={<Pencil size={14} aria-hidden />} disabled={rows.length > MOST}>
            {t("bulkEdit")}
          </Button>
        </Popover>
      )}
      {offers(object, "delete") && (
        <Button icon={<Trash2 size={14} aria-hidden />} danger disabled={rows.length > MOST} onClick={remove}>
          {t("delete")}
        </Button>
      )}
      {rows.length > MOST && <span className="hint">{t("bulkMost", { count: MOST })}</span>}
      <Button type="text" icon={<X size={14} aria-hidden />} onClick={onDone} aria-label={t("chooseNone")} />
    </div>
  );
}

function ChangeForm(props: { object: ObjectDef; busy: boolean; onChange: (field: string, value: FieldValue) => void }) {
  const { object, busy, onChange } = props;
  const { t, say } = useWords();
  const fields = inputsOf(object).filter((field) => isEditable(field) && takes(field, false));
  const [key, setKey] = useState(fields[0]?.key);
  const [value, setValue] = useState<FieldValue>(null);
  const field = fields.find((each) => each.key === key);
  return (
    <form
      className="bulk-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (field !== undefined) onChange(field.key, value);
      }}
    >
      <Select
        aria-label={t("field")}
        value={key ?? null}
        onChange={(next: string) => {
          setKey(next);
          setValue(null);
        }}
        options={fields.map((each) => ({ value: each.key, label: say(each.label) }))}
      />
      {field && (
        <Editor key={field.key} id="bulk-value" field={field} value={value} onChange={setValue} invalid={false} />
      )}
      <Button type="primary" htmlType="submit" loading={busy}>
        {t("bulkApply")}
      </Button>
    </form>
  );
}
