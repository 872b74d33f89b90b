import { Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import type { Label } from "../../api/types";
import { useWords } from "../../app/language";
import { keyOfName } from "../../meta/keys";
import { FaultPlaces, Refused } from "../faults/FaultPlaces";
import { both, LabelFields, Line } from "../LabelFields";
import type { ModelAction } from "./action";
import { AskedChange, useDraftChange } from "./asking";

/** Something new in the model by its name and key alone; what else there is to it comes after. */
export function NewThing(props: {
  title: string;
  /** The keys that there are; one that is not typed is made of the name, or of this word. */
  taken: string[];
  word: string;
  actionOf: (key: string, label: Label) => ModelAction;
  children?: ReactNode;
  onMade: (key: string) => void;
  onClose: () => void;
}) {
  const { title, taken, word, actionOf, children, onMade, onClose } = props;
  const { t, say } = useWords();
  const [typedKey, setKey] = useState("");
  const [typed, setTyped] = useState<Label>({ zh: "", en: "" });
  const change = useDraftChange(typedKey !== "" || typed.zh !== "" || typed.en !== "", () => {
    onClose();
    onMade(key);
  });
  const label = both(typed);
  const key = typedKey || keyOfName(typed.en, word, taken);
  const isTaken = taken.includes(key);
  const sound = label.zh.trim() !== "" && /^[a-z][a-z0-9_]*$/.test(key) && !isTaken;
  return (
    <FaultPlaces draft={{ key, label }}>
      <Modal
        open
        title={title}
        okText={t("preview")}
        cancelText={t("cancel")}
        okButtonProps={{ disabled: !sound }}
        onOk={() => change.ask({ title: `${title} · ${say(label)}`, actions: [actionOf(key, label)] })}
        onCancel={() => change.leave(onClose)}
      >
        <Refused />
        <dl className="fields settings">
          <Line label={t("labelWord")} at="label">
            <LabelFields label={typed} onChange={setTyped} />
          </Line>
          <Line label={t("key")} at="key" lead={isTaken ? t("keyTaken") : t("keyLead")}>
            <Input
              aria-label={t("key")}
              placeholder={key}
              value={typedKey}
              onChange={(event) => setKey(event.target.value.trim())}
            />
          </Line>
        </dl>
      </Modal>
      <AskedChange change={change}>{children}</AskedChange>
    </FaultPlaces>
  );
}
