import { App, Input, Modal } from "antd";
import { useState } from "react";
import { useWords } from "../app/language";

/** Asks for a reason before something is done; it stays open where that is refused. */
export function ReasonDialog(props: {
  title: string;
  lead: string;
  onReason: (reason: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const { title, lead, onReason, onClose } = props;
  const { t } = useWords();
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const done = async () => {
    setBusy(true);
    try {
      await onReason(reason.trim());
      onClose();
    } catch (error) {
      void message.error((error as Error).message, 6);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={title}
      okText={title}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: reason.trim() === "" }}
      confirmLoading={busy}
      onCancel={onClose}
      onOk={() => void done()}
    >
      <p className="lead">{lead}</p>
      <Input.TextArea
        aria-label={t("reason")}
        placeholder={t("reason")}
        value={reason}
        autoSize={{ minRows: 2 }}
        onChange={(event) => setReason(event.target.value)}
      />
    </Modal>
  );
}
