import { Modal } from "antd";
import { useWords } from "../../app/language";
import { PackReader } from "./PackReader";
import { usePackByKey } from "./packs";

/** The pack that a task names, for the record it is about. */
export function PackByKey(props: { packKey: string; about?: { object: string; id: string }; onClose: () => void }) {
  const { packKey, about, onClose } = props;
  const { t } = useWords();
  const found = usePackByKey(packKey);
  if (found.data) return <PackReader id={found.data.id} {...(about ? { about } : {})} onClose={onClose} />;
  if (found.isPending) return null;
  return (
    <Modal open title={packKey} footer={null} onCancel={onClose}>
      <p className="lead">{found.error?.message ?? t("pack.gone")}</p>
    </Modal>
  );
}
