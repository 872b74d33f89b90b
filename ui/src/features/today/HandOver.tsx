import { App, Input, Modal } from "antd";
import { useState } from "react";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { textOf, useMoveTask } from "./tasks";
import { Whom } from "./Whom";

/** Hands a task to somebody who may work on what it is about; it stays open where that is refused. */
export function HandOver({ task, onClose }: { task: RecordRow; onClose: () => void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const move = useMoveTask();
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const send = () => {
    if (to === null) return;
    move.mutate(
      { id: task.id, move: "delegate", body: { to, reason: reason.trim() || null } },
      {
        onSuccess: () => {
          void message.success(t("handedOver"));
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open
      title={`${t("handOver")}：${textOf(task, "title")}`}
      okText={t("handOver")}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: to === null }}
      confirmLoading={move.isPending}
      onOk={send}
      onCancel={onClose}
    >
      <div className="ask">
        <Whom label={t("handOverTo")} roles={[]} to={to} onTo={setTo} />
        <div>
          <span>{t("reason")}</span>
          <Input.TextArea
            aria-label={t("reason")}
            value={reason}
            maxLength={1000}
            autoSize={{ minRows: 2 }}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
      </div>
      {move.error && (
        <p role="alert" className="fault">
          {move.error.message}
        </p>
      )}
    </Modal>
  );
}
