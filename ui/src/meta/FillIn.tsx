import { useModel, useRecord, useSave } from "../api/queries";
import { useWords } from "../app/language";
import { FieldsDialog } from "./FieldsDialog";

/** Some fields of a record, asked for where one stands and saved there. */
export function FillIn(props: {
  object: string;
  id: string;
  title: string;
  fields: string[];
  onFilled: () => void;
  onClose: () => void;
}) {
  const { object, id, title, fields, onFilled, onClose } = props;
  const { t } = useWords();
  const definition = useModel().data?.objects.find((each) => each.key === object);
  const record = useRecord(object, id).data;
  const save = useSave(object);
  if (record === undefined) return null;
  return (
    <FieldsDialog
      title={title}
      okText={t("save")}
      object={definition}
      fields={fields}
      row={record}
      error={save.error}
      busy={save.isPending}
      onDone={(values) =>
        save.mutate(
          { id: record.id, version: record.version, values },
          {
            onSuccess: () => {
              onFilled();
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    />
  );
}
