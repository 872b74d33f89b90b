import { App, Button, Drawer, Tabs } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { type Saved, useRecord, useRecordAction, useSave } from "../../api/queries";
import type { FieldDef, FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Editor, isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { Value, valueText } from "../../meta/Value";
import { Conflict } from "./Conflict";
import { inputsOf } from "./columns";
import { History } from "./History";
import { isWanting, type Remarks, remarksOf } from "./remarks";

/** A record beside its list: details to edit, and its history. */
export function RecordPanel(props: {
  object: ObjectDef;
  id: string;
  onOpen: (id: string) => void;
  onClose: () => void;
}) {
  const { object, id, onOpen, onClose } = props;
  const { t, say, language } = useWords();
  const isNew = id === "new";
  const [remarks, setRemarks] = useState<Remarks>({});
  const saved = (answer: Saved) => {
    setRemarks(remarksOf(answer, t("lookupNothing")));
    // A new record stays open, with the advice that came with it.
    if (isNew) onOpen(answer.record.id);
  };
  const record = useRecord(object.key, id);
  const title = object.fields.find((field) => field.key === object.title);
  const name = isNew
    ? t("createOf", { name: say(object.label) })
    : (title && valueText(title, record.data?.[title.key], language)) || say(object.label);
  const details =
    isNew || record.data ? (
      <Details object={object} row={record.data} remarks={remarks} onSaved={saved} onClose={onClose} />
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

function Details(props: {
  object: ObjectDef;
  row: RecordRow | undefined;
  remarks: Remarks;
  onSaved: (saved: Saved) => void;
  onClose: () => void;
}) {
  const { object, row, remarks, onSaved, onClose } = props;
  const { t } = useWords();
  const { message, modal } = App.useApp();
  const [typed, setTyped] = useState<Record<string, FieldValue>>({});
  // What was typed is against the version that was on the screen then, also when a newer one arrives meanwhile.
  const [base, setBase] = useState<number>();
  const save = useSave(object.key);
  const act = useRecordAction(object.key);
  const problem = save.error instanceof Problem ? save.error : undefined;
  const changed = Object.keys(typed).length > 0;

  const send = (version: number | undefined) =>
    save.mutate(row ? { id: row.id, version: version ?? base ?? row.version, values: typed } : { values: typed }, {
      onSuccess: (saved) => {
        void message.success(t("saved"));
        setTyped({});
        onSaved(saved);
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
            remarks={remarks[field.key] ?? []}
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
  remarks: string[];
  onChange: (value: FieldValue) => void;
}) {
  const { field, editable, value, fault, remarks, onChange } = props;
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
        {isWanting(field, value) && <div className="hint">{say(field.hint?.message)}</div>}
        {remarks
          .filter((each) => each !== say(field.hint?.message))
          .map((each) => (
            <div key={each} className="hint">
              {each}
            </div>
          ))}
      </dd>
    </>
  );
}
