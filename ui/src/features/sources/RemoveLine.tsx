import { Button } from "antd";
import { X } from "lucide-react";
import { useWords } from "../../app/language";

/** Takes a line of a mapping away. */
export function RemoveLine({ name, onClick }: { name: string; onClick: () => void }) {
  const { t } = useWords();
  return (
    <Button type="text" icon={<X size={14} aria-hidden />} aria-label={t("removeOf", { name })} onClick={onClick} />
  );
}
