import { Drawer } from "antd";
import { useRef, useState } from "react";
import { useModel, useRecord } from "../../api/queries";
import { useWords } from "../../app/language";
import { titleOf } from "../../meta/target";
import { Details } from "./Details";
import type { RelatedList } from "./related-lists";

/** A new record that points to the one it is made beside; with advice it stays open, else one is back at once. */
export function NewRelated(props: { list: RelatedList; target: string; id: string; onClose: () => void }) {
  const { list, target, id, onClose } = props;
  const { object, field } = list;
  const { t, say } = useWords();
  const model = useModel().data;
  const row = useRecord(target, id).data;
  const [made, setMade] = useState("new");
  const closing = useRef(onClose);
  const [given] = useState(() => {
    const itself = { id, label: row ? titleOf(model, target, row) : null };
    return { [field.key]: field.options.many === true ? [itself] : itself };
  });
  return (
    <Drawer open onClose={() => closing.current()} size={500} title={t("createOf", { name: say(object.label) })}>
      <Details
        object={object}
        id={made}
        given={given}
        closing={closing}
        onOpen={(one, advised) => (advised ? setMade(one) : onClose())}
        onClose={onClose}
      />
    </Drawer>
  );
}
