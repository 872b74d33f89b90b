import { lazy, type RefObject, Suspense, useState } from "react";
import { type Saved, useRecord } from "../../api/queries";
import type { FieldValue, ObjectDef } from "../../api/types";
import { useWords, withWords } from "../../app/language";
import { Locked } from "./Locked";
import { RecordDetails } from "./RecordDetails";
import { type Remarks, remarksOf } from "./remarks";
import { isSomebody } from "./somebody";

const ConsentLine = lazy(
  withWords(() => import("../consents/ConsentLine").then((room) => ({ default: room.ConsentLine }))),
);

export interface RecordProps {
  object: ObjectDef;
  id: string;
  onOpen: (id: string) => void;
  onClose: () => void;
}

interface FormProps extends Omit<RecordProps, "onOpen"> {
  given?: Record<string, FieldValue>;
  closing?: RefObject<() => void>;
  /** A new record was made; `advised`: advice came with it, which its form shows. */
  onOpen: (id: string, advised: boolean) => void;
}

/** A record's form; a new record stays open with the advice that came with it. */
export function Details({ object, id, given, closing, onOpen, onClose }: FormProps) {
  const { t } = useWords();
  const [remarks, setRemarks] = useState<Remarks>({});
  const record = useRecord(object.key, id);
  const isNew = id === "new";
  const saved = (answer: Saved) => {
    const told = remarksOf(answer, t("lookupNothing"));
    setRemarks(told);
    if (isNew) onOpen(answer.record.id, Object.keys(told).length > 0);
  };
  if (!isNew && record.isError) return <p className="fault">{record.error.message}</p>;
  if (!isNew && !record.data) return null;
  return (
    <>
      {!isNew && <Locked object={object.key} id={id} />}
      {!isNew && isSomebody(object) && (
        <Suspense fallback={null}>
          <ConsentLine object={object.key} id={id} />
        </Suspense>
      )}
      <RecordDetails
        object={object}
        row={record.data}
        remarks={remarks}
        {...(given && { given })}
        {...(closing && { closing })}
        onSaved={saved}
        onClose={onClose}
      />
    </>
  );
}
