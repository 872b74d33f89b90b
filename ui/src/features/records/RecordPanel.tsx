import { App, Button, Drawer, Tabs } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { useRecord, useRecordAction, useSave } from "../../api/queries";
import type { FieldDef, FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Editor, isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { Value, valueText } from "../../meta/Value";
import { Conflict } from "./Conflict";
import { inputsOf } from "./columns";
import { History } from "./History";

/** A record beside its list: details to edit, and its history. */
export function RecordPanel({ object, id, onClose }: { object: ObjectDef; id: string; onClose: () => void }) {
  const { t, say, language } = useWords();
  const isNew = id === "new";
  const record = useRecord(object.key, id);
  const title = object.fields.find((field) => field.key === object.title);
  const name = isNew
    ? t("createOf", { name: say(object.label) })
    : (title && valueText(title, record.data?.[title.key], language)) || say(object.label);
  const details =
    isNew || record.data ? (
      <Details object={object} row={record.data} onClose={onClose} />
    ) : record.isError ? (
      <p className="fault">{record.error.message}</p>
    ) : null;
  return (
    <Drawer open onClose={onClose} size={500} title={name} mask={false} styles={{ body: { paddingTop: 8 } }}>
      {isNew ? (
        details
      ) : (
        <Tabs
          items={[
            { key: "details", label: t("details"), children: details },
            { key: "history", label: t("history"), children: <History object={object} id={id} /> },
          ]}
        />
      )}
    </Drawer>
  );
}

function Details({ object, row, onClose }: { object: ObjectDef; row: RecordRow | undefined; onClose: () => void }) {
  const { t } = useWords();
  const { message, modal } = App.useApp();
  const [typed, setTyped] = useState<Record<string, FieldValue>>({});
  // What was typed is against the version that was on the screen then, also when a newer one arrives meanwhile.
  const [base, setBase] = useState<number>();
  const [hints, setHints] = useState<Record<string, string>>({});
  const save = useSave(object.key);
  const act = useRecordAction(object.key);
  const problem = save.error instanceof Problem ? save.error : undefined;
  const changed = Object.keys(typed).length > 0;

  const send = (version: number | undefined) =>
    save.mutate(row ? { id: row.id, version: version ?? base ?? row.version, values: typed } : { values: typed }, {
      onSuccess: (saved) => {
        void message.success(t("saved"));
        setHints(Object.fromEntries((saved.hints ?? []).map((hint) => [hint.field ?? "", hint.message])));
        setTyped({});
        if (row === undefined) onClose();
      },
    });
  const forget = () => {
    setTyped({});
    save.reset();
  };
  const remove = () =>
    modal.confirm({
      title: t("deleteSure"),
      okText: t("delete"),
      cancelText: t("cancel"),
      okButtonProps: { danger: true },
      onOk: () => row && act.mutateAsync({ id: row.id, action: "delete" }).then(onClose),
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(undefined);
      }}
    >
      {problem?.status === 412 ? (
        <Conflict object={object} problem={problem} typed={typed} onMine={send} onTheirs={forget} />
      ) : (
        problem &&
        !problem.faults.every((fault) => fault.field) && (
          <p role="alert" className="fault">
            {problem.message}
          </p>
        )
      )}
      <dl className="fields">
        {inputsOf(object).map((field) => (
          <Row
            key={field.key}
            field={field}
            editable={isEditable(field) && takes(field, row === undefined)}
            value={field.key in typed ? typed[field.key] : row?.[field.key]}
            fault={problem?.at(field.key)?.message}
            hint={hints[field.key]}
            onChange={(value) => {
              if (!changed) setBase(row?.version);
              setTyped((before) => ({ ...before, [field.key]: value }));
            }}
          />
        ))}
      </dl>
      {offers(object, row ? "update" : "create") && (
        <Button type="primary" htmlType="submit" disabled={!changed} loading={save.isPending}>
          {t("save")}
        </Button>
      )}{" "}
      {row && offers(object, "delete") && (
        <Button type="text" danger onClick={remove}>
          {t("delete")}
        </Button>
      )}
    </form>
  );
}

function Row(props: {
  field: FieldDef;
  editable: boolean;
  value: FieldValue | undefined;
  fault: string | undefined;
  hint: string | undefined;
  onChange: (value: FieldValue) => void;
}) {
  const { field, editable, value, fault, hint, onChange } = props;
  const { say, language } = useWords();
  const id = `field-${field.key}`;
  return (
    <>
      <dt>
        <label htmlFor={id}>
          {say(field.label)}
          {field.required && <span aria-hidden> *</span>}
        </label>
      </dt>
      <dd>
        {editable ? (
          <Editor id={id} field={field} value={value} onChange={onChange} invalid={fault !== undefined} />
        ) : (
          <div className="read-only">
            <Value field={field} value={value} language={language} />
          </div>
        )}
        {fault && <div className="fault">{fault}</div>}
        {hint && <div className="hint">{hint}</div>}
      </dd>
    </>
  );
}
