import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, memo, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { FieldDef, FieldValue, RecordRow } from "../api/types";
import { ROW_HEIGHT, useDensity } from "../app/density";
import { useWords } from "../app/language";
import { isNumber, isNumeric, Value } from "../meta/Value";
import type { Selection } from "./selection";

const ROW = 36;
const TICK = 36;
const NARROWEST = 60;
// A formula's kind shows in its values: so many rows tell it.
const JUDGED = 20;

export interface GridColumn {
  field: FieldDef;
  width: number | null;
}

interface GridProps {
  label: string;
  columns: GridColumn[];
  frozen: number;
  rows: RecordRow[];
  total: number | null;
  sort: string | undefined;
  selected: string | undefined;
  selection: Selection;
  /** Whether a cell may be edited where it stands. */
  editable: (field: FieldDef) => boolean;
  editor: (field: FieldDef, row: RecordRow, done: (value: FieldValue | undefined) => void) => ReactNode;
  onEdit: (row: RecordRow, field: FieldDef, value: FieldValue) => void;
  onWidth: (field: string, width: number) => void;
  onSort: (sort: string | undefined) => void;
  onOpen: (id: string) => void;
  onEnd: () => void;
}

function widthOf({ field, width }: GridColumn, first: boolean): number {
  if (width !== null) return width;
  if (first) return 220;
  if (field.type === "long_text") return 240;
  if (field.type === "datetime") return 160;
  return isNumeric(field) ? 120 : 130;
}

/** Where the grid stands: a row and a column. Arrows move it, F2 or typing edits, space chooses, Enter opens. */
interface Spot {
  row: number;
  column: number;
}

/** A virtual grid: only what is seen is in the page; the first columns stay in place. */
export function RecordGrid(props: GridProps) {
  const { label, columns, frozen, rows, total, sort, selected, selection, editable, onSort, onOpen, onEnd, onWidth } =
    props;
  const { t, language } = useWords();
  const height = ROW_HEIGHT[useDensity()];
  const area = useRef<HTMLDivElement>(null);
  const [spot, setSpot] = useState<Spot>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<Spot>();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    estimateSize: () => height,
    overscan: 12,
  });
  // The heights that were measured are of another density then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the height that calls for it
  useEffect(() => virtual.measure(), [height, virtual]);
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 30) onEnd();
  }, [last, rows.length, onEnd]);

  const widths = columns.map((column, index) => widthOf(column, index === 0));
  const width = TICK + widths.reduce((sum, each) => sum + each, 0);
  const lefts = widths.map((_, index) => TICK + widths.slice(0, index).reduce((sum, each) => sum + each, 0));
  const pinned = (index: number) => (index < frozen ? lefts[index] : undefined);
  const edit = (at: Spot) => {
    const field = columns[at.column]?.field;
    const row = rows[at.row];
    if (field === undefined || row === undefined) return;
    if (editable(field)) setEditing(at);
    else onOpen(row.id);
  };
  const key = (event: KeyboardEvent) => {
    if (editing !== undefined) return;
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const row = Math.max(0, Math.min(rows.length - 1, spot.row + step[0]));
      const column = Math.max(0, Math.min(columns.length - 1, spot.column + step[1]));
      setSpot({ row, column });
      virtual.scrollToIndex(row);
    } else if (event.key === "Enter" && rows[spot.row]) onOpen(rows[spot.row]?.id ?? "");
    else if (event.key === "F2") edit(spot);
    else if (event.key === " " && rows[spot.row]) {
      event.preventDefault();
      selection.toggle(rows[spot.row]?.id ?? "", spot.row, event.shiftKey, rows);
    }
  };
  const allChosen = rows.length > 0 && rows.every((row) => selection.ids.has(row.id));

  return (
    <div
      ref={area}
      className="grid"
      role="grid"
      aria-label={label}
      aria-multiselectable
      aria-rowcount={total ?? rows.length}
      tabIndex={0}
      onKeyDown={key}
    >
      <div className="grid-inner" style={{ height: virtual.getTotalSize() + ROW, width, minWidth: "100%" }}>
        <div
          className="grid-row grid-head"
          role="row"
          style={{ height: ROW, minWidth: "100%", width, position: "sticky" }}
        >
          <div role="columnheader" className="grid-cell tick pinned">
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={t("chooseAll")}
              checked={allChosen}
              onChange={() => selection.put(allChosen ? [] : rows.map((row) => row.id))}
            />
          </div>
          {columns.map(({ field }, index) => (
            <HeadCell
              key={field.key}
              field={field}
              width={widths[index] ?? 0}
              left={pinned(index)}
              numbers={rows.slice(0, JUDGED).some((row) => isNumber(field, row[field.key]))}
              sort={sort}
              onSort={onSort}
              onWidth={onWidth}
            />
          ))}
        </div>
        {seen.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <Row
              key={row.id}
              row={row}
              columns={columns}
              widths={widths}
              lefts={lefts}
              frozen={frozen}
              top={item.start + ROW}
              index={item.index}
              language={language}
              chosen={row.id === selected || selection.ids.has(row.id)}
              ticked={selection.ids.has(row.id)}
              at={item.index === spot.row ? spot.column : undefined}
              editing={editing?.row === item.index ? editing.column : undefined}
              editor={props.editor}
              onTick={(range) => selection.toggle(row.id, item.index, range, rows)}
              onSpot={(column) => setSpot({ row: item.index, column })}
              onEditing={(column) => edit({ row: item.index, column })}
              onEdited={(field, value) => {
                setEditing(undefined);
                area.current?.focus();
                if (value !== undefined) props.onEdit(row, field, value);
              }}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [20, 0],
  PageUp: [-20, 0],
};

function HeadCell(props: {
  field: FieldDef;
  width: number;
  left: number | undefined;
  numbers: boolean;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onWidth: (field: string, width: number) => void;
}) {
  const { field, width, left, numbers, sort, onSort, onWidth } = props;
  const { t, say } = useWords();
  const direction = sort === field.key ? "ascending" : sort === `-${field.key}` ? "descending" : "none";
  const next = direction === "none" ? field.key : direction === "ascending" ? `-${field.key}` : undefined;
  const drag = (event: PointerEvent<HTMLSpanElement>) => {
    const handle = event.currentTarget;
    const begun = event.clientX;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) =>
      onWidth(field.key, Math.max(NARROWEST, Math.round(width + moved.clientX - begun)));
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
    event.preventDefault();
  };
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      className={`grid-cell${left === undefined ? "" : " pinned"}${numbers ? " number" : ""}`}
      style={{ width, left }}
    >
      <button type="button" className="sort" tabIndex={-1} onClick={() => onSort(next)}>
        {say(field.label)}
        {direction === "ascending" && <ArrowUp size={12} aria-hidden />}
        {direction === "descending" && <ArrowDown size={12} aria-hidden />}
      </button>
      <span className="resize" title={t("resize")} onPointerDown={drag} aria-hidden />
    </div>
  );
}

const Row = memo(
  function Row(props: {
    row: RecordRow;
    columns: GridColumn[];
    widths: number[];
    lefts: number[];
    frozen: number;
    top: number;
    index: number;
    language: "zh" | "en";
    chosen: boolean;
    ticked: boolean;
    at: number | undefined;
    editing: number | undefined;
    editor: GridProps["editor"];
    onTick: (range: boolean) => void;
    onSpot: (column: number) => void;
    onEditing: (column: number) => void;
    onEdited: (field: FieldDef, value: FieldValue | undefined) => void;
    onOpen: (id: string) => void;
  }) {
    const { row, columns, widths, lefts, frozen, top, index, language, chosen, ticked, at, editing } = props;
    const { t } = useWords();
    const height = ROW_HEIGHT[useDensity()];
    return (
      <div
        role="row"
        className="grid-row"
        aria-rowindex={index + 2}
        aria-selected={chosen}
        style={{ height, minWidth: "100%", transform: `translateY(${top}px)`, top: 0 }}
      >
        <div role="gridcell" className="grid-cell tick pinned">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t("chooseRow", { row: index + 1 })}
            checked={ticked}
            onChange={(event) => props.onTick((event.nativeEvent as unknown as MouseEvent).shiftKey)}
          />
        </div>
        {columns.map(({ field }, column) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself takes Enter and F2 for the cell it stands on
          <div
            key={field.key}
            role="gridcell"
            className={`grid-cell${column < frozen ? " pinned" : ""}${isNumber(field, row[field.key]) ? " number" : ""}`}
            data-spot={at === column || undefined}
            style={{ width: widths[column], left: column < frozen ? lefts[column] : undefined }}
            onClick={() => {
              props.onSpot(column);
              if (column === 0 && editing === undefined) props.onOpen(row.id);
            }}
            onDoubleClick={() => (column === 0 ? undefined : props.onEditing(column))}
          >
            {editing === column ? (
              props.editor(field, row, (value) => props.onEdited(field, value))
            ) : (
              <Value field={field} value={row[field.key]} language={language} />
            )}
          </div>
        ))}
      </div>
    );
  },
  // The handlers are made anew at each render and do the same.
  (before, after) =>
    before.row === after.row &&
    before.columns === after.columns &&
    before.top === after.top &&
    before.chosen === after.chosen &&
    before.ticked === after.ticked &&
    before.at === after.at &&
    before.editing === after.editing &&
    before.frozen === after.frozen &&
    before.language === after.language &&
    before.widths.every((width, index) => width === after.widths[index]),
);
