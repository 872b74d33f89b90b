import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { FieldDef, FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { type Language, useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { columnsOf } from "./columns";

const ROW = 66;

/** What stands for a value without its field's name: a bare yes or no would say nothing. */
const shortText = (field: FieldDef, value: FieldValue | undefined, language: Language) =>
  field.type !== "boolean"
    ? valueText(field, value, language)
    : value === true
      ? field.label[language] || field.label.zh
      : "";

export function RowsOnPhone(props: {
  object: ObjectDef;
  rows: RecordRow[];
  onOpen: (id: string) => void;
  onEnd: () => void;
}) {
  const { object, rows, onOpen, onEnd } = props;
  const { language } = useWords();
  const area = useRef<HTMLDivElement>(null);
  const [title, ...rest] = columnsOf(object);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [last, rows.length, onEnd]);
  const second = (row: RecordRow) =>
    rest
      .map((field) => shortText(field, row[field.key], language))
      .filter(Boolean)
      .slice(0, 3)
      .join(" · ");
  return (
    <div ref={area} className="rows-phone" tabIndex={-1}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined || title === undefined) return null;
          return (
            <button
              key={row.id}
              type="button"
              className="row-phone"
              style={{ position: "absolute", top: 0, height: ROW, transform: `translateY(${item.start}px)` }}
              onClick={() => onOpen(row.id)}
            >
              <b>{valueText(title, row[title.key], language) || "—"}</b>
              <span>{second(row)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
