import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import type { FieldDef, RecordRow } from "../api/types";
import { useWords } from "../app/language";
import { isNumber, isNumeric, Value } from "../meta/Value";

const ROW = 36;

interface GridProps {
  label: string;
  fields: FieldDef[];
  rows: RecordRow[];
  total: number | null;
  sort: string | undefined;
  selected: string | undefined;
  onSort: (sort: string | undefined) => void;
  onOpen: (id: string) => void;
  onEnd: () => void;
}

function widthOf(field: FieldDef, first: boolean): number {
  if (first) return 220;
  if (field.type === "long_text") return 240;
  if (field.type === "datetime") return 160;
  return isNumeric(field) ? 120 : 130;
}
// A formula's kind shows in its values: so many rows tell it.
const JUDGED = 20;

/** A virtual grid: only what is seen is in the page. Arrows move, Enter opens, the first column stays in place. */
export function RecordGrid({ label, fields, rows, total, sort, selected, onSort, onOpen, onEnd }: GridProps) {
  const { language } = useWords();
  const area = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 30) onEnd();
  }, [last, rows.length, onEnd]);

  const widths = fields.map((field, index) => widthOf(field, index === 0));
  const width = widths.reduce((sum, each) => sum + each, 0);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, at + step));
      setAt(next);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter" && rows[at]) onOpen(rows[at].id);
  };

  return (
    <div
      ref={area}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={total ?? rows.length}
      tabIndex={0}
      onKeyDown={move}
    >
      <div className="grid-inner" style={{ height: virtual.getTotalSize() + ROW, width, minWidth: "100%" }}>
        <div
          className="grid-row grid-head"
          role="row"
          style={{ height: ROW, minWidth: "100%", width, position: "sticky" }}
        >
          {fields.map((field, index) => (
            <HeadCell
              key={field.key}
              field={field}
              width={widths[index] ?? 0}
              pinned={index === 0}
              numbers={rows.slice(0, JUDGED).some((row) => isNumber(field, row[field.key]))}
              sort={sort}
              onSort={onSort}
            />
          ))}
        </div>
        {seen.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <Row
              key={row.id}
              row={row}
              fields={fields}
              widths={widths}
              top={item.start + ROW}
              index={item.index}
              language={language}
              chosen={row.id === selected || item.index === at}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

function HeadCell(props: {
  field: FieldDef;
  width: number;
  pinned: boolean;
  numbers: boolean;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}) {
  const { field, width, pinned, numbers, sort, onSort } = props;
  const { say } = useWords();
  const direction = sort === field.key ? "ascending" : sort === `-${field.key}` ? "descending" : "none";
  const next = direction === "none" ? field.key : direction === "ascending" ? `-${field.key}` : undefined;
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      className={`grid-cell${pinned ? " pinned" : ""}${numbers ? " number" : ""}`}
      style={{ width }}
    >
      <button type="button" className="sort" onClick={() => onSort(next)}>
        {say(field.label)}
        {direction === "ascending" && <ArrowUp size={12} aria-hidden />}
        {direction === "descending" && <ArrowDown size={12} aria-hidden />}
      </button>
    </div>
  );
}

const Row = memo(function Row(props: {
  row: RecordRow;
  fields: FieldDef[];
  widths: number[];
  top: number;
  index: number;
  language: "zh" | "en";
  chosen: boolean;
  onOpen: (id: string) => void;
}) {
  const { row, fields, widths, top, index, language, chosen, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself takes Enter for the row it stands on
    <div
      role="row"
      className="grid-row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      style={{ height: ROW, minWidth: "100%", transform: `translateY(${top}px)`, top: 0 }}
      onClick={() => onOpen(row.id)}
    >
      {fields.map((field, at) => (
        <div
          key={field.key}
          role="gridcell"
          className={`grid-cell${at === 0 ? " pinned" : ""}${isNumber(field, row[field.key]) ? " number" : ""}`}
          style={{ width: widths[at] }}
        >
          <Value field={field} value={row[field.key]} language={language} />
        </div>
      ))}
    </div>
  );
});
