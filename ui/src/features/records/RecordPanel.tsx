import { Link } from "@tanstack/react-router";
import { Drawer } from "antd";
import { Maximize2 } from "lucide-react";
import { useRecord } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { Details } from "./Details";
import { RecordTabs } from "./RecordTabs";

/** A record beside its list: its form and what there is around it; a page of its own is one click away. */
export function RecordPanel(props: {
  object: ObjectDef;
  id: string;
  onOpen: (id: string) => void;
  onClose: () => void;
}) {
  const { object, id, onClose } = props;
  const { t } = useWords();
  const isNew = id === "new";
  const name = useRecordName(object, id);
  return (
    <Drawer
      open
      onClose={onClose}
      size={500}
      title={name}
      mask={false}
      styles={{ body: { paddingTop: 8 } }}
      extra={
        !isNew && (
          <Link
            to="/records/$object/$id"
            params={{ object: object.key, id }}
            className="icon-link"
            aria-label={t("openPage")}
            title={t("openPage")}
          >
            <Maximize2 size={15} aria-hidden />
          </Link>
        )
      }
    >
      {/* Another record is another form: what was typed into one must not show in the next. */}
      {isNew ? <Details key="new" {...props} /> : <RecordTabs key={id} {...props} />}
    </Drawer>
  );
}

/** What a record is called: its title or, until that is known, what it is. */
export function useRecordName(object: ObjectDef, id: string): string {
  const { t, say, language } = useWords();
  const record = useRecord(object.key, id);
  if (id === "new") return t("createOf", { name: say(object.label) });
  const title = object.fields.find((field) => field.key === object.title);
  return (title && valueText(title, record.data?.[title.key], language)) || say(object.label);
}
