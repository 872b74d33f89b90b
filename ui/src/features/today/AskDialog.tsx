import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Input, InputNumber, Modal, Select, Space } from "antd";
import { useState } from "react";
import { Problem } from "../../api/client";
import { refresh, useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { fieldAt } from "../../meta/target";
import { FileField } from "../records/FileField";
import { makeTask } from "./tasks";
import { ROLE, Whom } from "./Whom";

export interface Within {
  amount: number;
  unit: "minutes" | "hours" | "days" | "working_days";
}

const UNITS = ["minutes", "hours", "days", "working_days"] as const;

/** Help is asked about a record, by a time: of whoever has a role nearest the record, or of a person by name (S0-48). */
export function AskDialog(props: {
  title: string;
  about: { object: string; id: string };
  subject: string;
  roles: { key: string; label: string }[];
  due: Within | null;
  onAsked?: () => void;
  onClose: () => void;
}) {
  const { title, about, subject, roles, onAsked, onClose } = props;
  const { t } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [what, setWhat] = useState(`${title}：${subject}`);
  const [detail, setDetail] = useState("");
  const [to, setTo] = useState<string | null>(roles[0] ? `${ROLE}${roles[0].key}` : null);
  const evidence = fieldAt(useModel().data?.objects ?? [], "task", "files");
  const [files, setFiles] = useState<string[]>([]);
  const [due, setDue] = useState<Within>(props.due ?? { amount: 4, unit: "hours" });
  // One request however often it is sent: a second click, or a second try after the answer was lost.
  const [key] = useState(() => crypto.randomUUID());
  const ask = useMutation({
    mutationFn: () => {
      const whom = to?.startsWith(ROLE) ? { role: to.slice(ROLE.length) } : { to };
      const wanted = { title: what, detail: detail || null, due, about, files, ...whom };
      return makeTask(wanted, key);
    },
    onSuccess: () => {
      refresh(client, "task");
      void message.success(t("askSent"));
      onAsked?.();
      onClose();
    },
  });
  const problem = ask.error instanceof Problem ? ask.error : undefined;
  return (
    <Modal
      open
      title={title}
      okText={t("askSend")}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: what.trim() === "" || to === null }}
      confirmLoading={ask.isPending}
      onOk={() => ask.mutate()}
      onCancel={onClose}
    >
      <div className="ask">
        <div>
          <span>{t("askWhat")}</span>
          <Input
            aria-label={t("askWhat")}
            value={what}
            maxLength={500}
            onChange={(event) => setWhat(event.target.value)}
          />
        </div>
        <div>
          <span>{t("askDetail")}</span>
          <Input.TextArea
            aria-label={t("askDetail")}
            value={detail}
            autoSize={{ minRows: 2, maxRows: 8 }}
            onChange={(event) => setDetail(event.target.value)}
          />
        </div>
        {evidence && (
          <div>
            <span>{t("askFiles")}</span>
            <FileField
              id="ask-files"
              field={evidence}
              value={files}
              editable
              onChange={(next) => setFiles(Array.isArray(next) ? next.map(String) : [])}
            />
          </div>
        )}
        <Whom roles={roles} to={to} onTo={setTo} />
        <div>
          <span>{t("askWithin")}</span>
          <Space.Compact>
            <InputNumber
              aria-label={t("askWithin")}
              min={1}
              max={999}
              value={due.amount}
              onChange={(amount) => setDue({ ...due, amount: amount ?? 1 })}
            />
            <Select
              aria-label={t("askUnit")}
              value={due.unit}
              popupMatchSelectWidth={false}
              onChange={(unit: Within["unit"]) => setDue({ ...due, unit })}
              options={UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
            />
          </Space.Compact>
        </div>
      </div>
      {problem && (
        <p role="alert" className="fault">
          {problem.message}
        </p>
      )}
    </Modal>
  );
}
