import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { FieldDef, FieldValue, ObjectDef, RecordRow } from "../../api/types";
import { type Language, useWords } from "../../app/language";
import { valueText } from "../../meta/Value";
import { columnsOf } from "./columns";

const ROW = 66;

/** What stands for a value without its field's name: a bare yes or no would say nothing. */
const shortText = (field: FieldDef, value: FieldValue | undefined, language: Language) =>
  field.type !== "boolean" && field.kind !== "boolean"
    ? valueText(field, value, language)
    : value === true
      ? field.label[language] || field.label.zh
      : "";

// Where something stands, what it is worth and until when is read before its number and names.
const FIRST: ReadonlySet<string> = new Set(["choice", "money", "percent", "date"]);
const BESIDE = 3;

/** What stands under a record's title: a few of its values, none that the title says already. */
export function underTitle(title: FieldDef, rest: FieldDef[], row: RecordRow, language: Language): string {
  const said = valueText(title, row[title.key], language);
  return [...rest.filter((each) => FIRST.has(each.type)), ...rest.filter((each) => !FIRST.has(each.type))]
    .map((field) => shortText(field, row[field.key], language))
    .filter((text) => text !== "" && !said.includes(text))
    .slice(0, BESIDE)
    .join(" · ");
}

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
              <span>{underTitle(title, rest, row, language)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
