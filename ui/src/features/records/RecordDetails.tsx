import { App, Button } from "antd";
import { type RefObject, useEffect, useState } from "react";
import { Problem } from "../../api/client";
import { type Saved, useMe, useRecordAction, useSave } from "../../api/queries";
import type { FieldDef, FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { useUnsaved } from "../../app/unsaved";
import { Editor, isEditable } from "../../meta/Editor";
import { offers, takes, useOffered } from "../../meta/offers";
import { isReference, Value } from "../../meta/Value";
import { Conflict } from "./Conflict";
import { FileField } from "./FileField";
import { isAdvised, isShown, momentOf } from "./live-form";
import type { Remarks } from "./remarks";
import { sectionsOf, systemOf } from "./sections";

/** The form of a record: sections, what shows and advises while one types, and both versions where two people wrote. */
export function RecordDetails(props: {
  object: ObjectDef;
  row: RecordRow | undefined;
  remarks: Remarks;
  /** What a new record begins with. */
  given?: Record<string, FieldValue>;
  /** Is told how to close it: asking first where something was typed. */
  closing?: RefObject<() => void>;
  onSaved: (saved: Saved) => void;
  onClose: () => void;
}) {
  const { object, row, remarks, given = NOTHING, closing, onSaved, onClose } = props;
  const { t } = useWords();
  const { message, modal } = App.useApp();
  const [typed, setTyped] = useState(given);
  // What was typed is against the version that was on the screen then, also when a newer one arrives meanwhile.
  const [base, setBase] = useState<number>();
  // What was saved here is known before the record comes again: who types on at once is not at odds with himself.
  const [own, setOwn] = useState<{ id: string; version: number }>();
  const save = useSave(object.key);
  const act = useRecordAction(object.key);
  const problem = save.error instanceof Problem ? save.error : undefined;
  const mayChange = useOffered(object, row?.id, "update");
  const mayDelete = useOffered(object, row?.id, "delete");
  // Mostly it is one's own: the form stands as one that can be filled in until it is known not to be.
  const maySave = row ? mayChange !== false : offers(object, "create");
  const changed = Object.entries(typed).some(([key, value]) => value !== given[key]);
  const unsaved = useUnsaved(changed);
  useEffect(() => {
    if (closing) closing.current = () => unsaved.leave(onClose);
  });

  const send = (version: number | undefined) =>
    save.mutate(
      row ? { id: row.id, version: version ?? base ?? row.version, values: typed } : { values: sent(typed) },
      {
        onSuccess: (saved) => {
          void message.success(t("saved"));
          // What was typed while it was on its way stays.
          setTyped((now) => Object.fromEntries(Object.entries(now).filter(([key, value]) => value !== typed[key])));
          setBase(saved.record.version);
          setOwn({ id: saved.record.id, version: saved.record.version });
          unsaved.release();
          onSaved(saved);
        },
      },
    );
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
      onOk: () => row && act.mutateAsync({ id: row.id, action: "delete" }).then(() => unsaved.leave(onClose)),
    });

  return (
    <form
      className="record-form"
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
      {maySave && <Gives object={object} />}
      {row && mayChange === false && offers(object, "update") && (
        <p className="lead" role="status">
          {t("notToChange")}
        </p>
      )}
      <Sections
        object={object}
        row={row}
        editable={maySave}
        typed={typed}
        problem={problem}
        remarks={remarks}
        onTyped={(key, value) => {
          if (!changed) setBase(row && Math.max(row.version, own?.id === row.id ? own.version : 0));
          setTyped((before) => ({ ...before, [key]: value }));
        }}
      />
      <div className="form-foot">
        {maySave && (
          <Button type="primary" htmlType="submit" disabled={!changed && given === NOTHING} loading={save.isPending}>
            {t("save")}
          </Button>
        )}
        {changed && row && (
          <Button type="text" onClick={forget}>
            {t("discard")}
          </Button>
        )}
        <span className="gap" />
        {row && mayDelete && (
          <Button type="text" danger onClick={remove}>
            {t("delete")}
          </Button>
        )}
      </div>
    </form>
  );
}

const NOTHING: Record<string, FieldValue> = {};

/** Values as they are written: a record that the form began with by its id. */
const sent = (typed: Record<string, FieldValue>): Record<string, FieldValue> =>
  Object.fromEntries(
    Object.entries(typed).map(([key, value]) => [
      key,
      isReference(value)
        ? value.id
        : Array.isArray(value)
          ? value.map((each) => (isReference(each) ? each.id : each))
          : value,
    ]),
  );

/** What who fills the form in gets for it (S0-70): a form that cannot say so is one to drop. */
function Gives({ object }: { object: ObjectDef }) {
  const { say } = useWords();
  const gives = say(object.description);
  return gives ? <p className="lead">{gives}</p> : null;
}

function Sections(props: {
  object: ObjectDef;
  row: RecordRow | undefined;
  editable: boolean;
  typed: Record<string, FieldValue>;
  problem: Problem | undefined;
  remarks: Remarks;
  onTyped: (key: string, value: FieldValue) => void;
}) {
  const { object, row, editable, typed, problem, remarks, onTyped } = props;
  const { say } = useWords();
  const me = useMe().data;
  const values = { ...row, ...typed };
  const moment = momentOf(me, new Date());
  return (
    <>
      {sectionsOf(object).map((section) => {
        // A fault is always shown where it is, also at a field that does not apply now.
        const shown = section.fields.filter((field) => problem?.at(field.key) || isShown(field, values, moment));
        if (shown.length === 0) return null;
        return (
          <section key={section.fields[0]?.key} className="form-section">
            {section.label && <h2>{say(section.label)}</h2>}
            <dl className="fields">
              {shown.map((field) => (
                <Row
                  key={field.key}
                  field={field}
                  editable={editable && !SYSTEM_ONLY.has(field.key) && takes(field, row === undefined)}
                  value={values[field.key]}
                  fault={problem?.at(field.key)?.message}
                  advised={isAdvised(field, values, moment)}
                  remarks={remarks[field.key] ?? []}
                  onChange={(value) => onTyped(field.key, value)}
                />
              ))}
            </dl>
          </section>
        );
      })}
      {row && <System object={object} row={row} />}
    </>
  );
}

const SYSTEM_ONLY = new Set(["created_at", "created_by", "changed_at", "changed_by"]);

/** Who made and changed it, and when: there for who asks, quiet for who does not. */
function System({ object, row }: { object: ObjectDef; row: RecordRow }) {
  const { t, say, language } = useWords();
  const laidOut = new Set((object.form ?? []).flatMap((section) => section.fields));
  const fields = systemOf(object).filter((field) => row[field.key] != null && !laidOut.has(field.key));
  if (fields.length === 0) return null;
  return (
    <details className="form-section system">
      <summary>{t("systemFields")}</summary>
      <dl className="fields">
        {fields.map((field) => (
          <div key={field.key} className="pair">
            <dt>{say(field.label)}</dt>
            <dd>
              <div className="read-only">
                <Value field={field} value={row[field.key]} language={language} />
              </div>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Row(props: {
  field: FieldDef;
  editable: boolean;
  value: FieldValue | undefined;
  fault: string | undefined;
  advised: boolean;
  remarks: string[];
  onChange: (value: FieldValue) => void;
}) {
  const { field, editable, value, fault, advised, remarks, onChange } = props;
  const { say, language } = useWords();
  const id = `field-${field.key}`;
  const advice = say(field.hint?.message);
  return (
    <>
      <dt>
        <label htmlFor={id}>
          {say(field.label)}
          {field.required && <span aria-hidden> *</span>}
        </label>
      </dt>
      <dd>
        {field.type === "file" ? (
          <FileField id={id} field={field} value={value} editable={editable} onChange={onChange} />
        ) : editable && isEditable(field) ? (
          <Editor id={id} field={field} value={value} onChange={onChange} invalid={fault !== undefined} />
        ) : (
          <div className="read-only">
            <Value field={field} value={value} language={language} />
          </div>
        )}
        {fault && <div className="fault">{fault}</div>}
        {advised && <div className="hint">{advice}</div>}
        {remarks
          .filter((each) => !advised || each !== advice)
          .map((each) => (
            <div key={each} className="hint">
              {each}
            </div>
          ))}
      </dd>
    </>
  );
}
