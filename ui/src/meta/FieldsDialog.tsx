import { Modal } from "antd";
import { useState } from "react";
import { Problem } from "../api/client";
import type { FieldValue, ObjectDef, RecordRow } from "../api/types";
import { useWords } from "../app/language";
import { Editor } from "./Editor";

/** Some fields of a record filled in where one stands; what is refused shows at its field, and what was typed stays. */
export function FieldsDialog(props: {
  title: string;
  okText: string;
  object: ObjectDef | undefined;
  fields: string[];
  row: RecordRow | undefined;
  error: unknown;
  busy: boolean;
  onDone: (typed: Record<string, FieldValue>) => void;
  onClose: () => void;
}) {
  const { title, okText, object, row, error, busy, onDone, onClose } = props;
  const { t, say } = useWords();
  const [typed, setTyped] = useState<Record<string, FieldValue>>({});
  const fields = props.fields.flatMap((key) => object?.fields.find((field) => field.key === key) ?? []);
  const problem = error instanceof Problem ? error : undefined;
  return (
    <Modal
      open
      title={title}
      okText={okText}
      cancelText={t("cancel")}
      confirmLoading={busy}
      onOk={() => onDone(typed)}
      onCancel={onClose}
    >
      <dl className="fields">
        {fields.map((field) => (
          <div key={field.key} className="field-line">
            <dt>
              <label htmlFor={`fill-${field.key}`}>{say(field.label)}</label>
            </dt>
            <dd>
              <Editor
                id={`fill-${field.key}`}
                field={field}
                value={field.key in typed ? typed[field.key] : row?.[field.key]}
                invalid={problem?.at(field.key) !== undefined}
                onChange={(value) => setTyped((before) => ({ ...before, [field.key]: value }))}
              />
              {problem?.at(field.key) && <div className="fault">{problem.at(field.key)?.message}</div>}
            </dd>
          </div>
        ))}
      </dl>
      {problem &&
        !problem.faults.every((fault) => fault.field && fields.some((field) => field.key === fault.field)) && (
          <p role="alert" className="fault">
            {problem.message}
          </p>
        )}
    </Modal>
  );
}
