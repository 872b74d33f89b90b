import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FieldDef, FieldValue, RecordRow } from "../api/types";
import { ROW_HEIGHT, useDensity } from "../app/density";
import { useWords } from "../app/language";
import { isNumber } from "../meta/Value";
import { type GridColumn, widthOf } from "./columns";
import { GridHead } from "./GridHead";
import { type Editing, GridRow } from "./GridRow";
import type { Selection } from "./selection";

const ROW = 36;
const TICK = 36;
// A formula's kind shows in its values: so many rows tell it.
const JUDGED = 20;

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
  editor: Editing;
  onEdit: (row: RecordRow, field: FieldDef, value: FieldValue) => void;
  onWidth: (field: string, width: number) => void;
  onSort: (sort: string | undefined) => void;
  onOpen: (id: string) => void;
  onEnd: () => void;
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
    overscan: 8,
    // A scroll is drawn with the next frame: drawn at once, a quick wheel would draw it more than once a frame.
    useFlushSync: false,
  });
  // The heights that were measured are of another density then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the height that calls for it
  useEffect(() => virtual.measure(), [height, virtual]);
  const seen = virtual.getVirtualItems();
  const slots = useSlots(seen.length);
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 30) onEnd();
  }, [last, rows.length, onEnd]);

  const { widths, lefts, width } = useMemo(() => measured(columns), [columns]);
  const numbers = useMemo(() => numbersIn(columns, rows.slice(0, JUDGED)), [columns, rows]);
  const tickLabel = useCallback((row: number) => t("chooseRow", { row }), [t]);
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
  const allChosen =
    rows.length > 0 && selection.ids.size >= rows.length && rows.every((row) => selection.ids.has(row.id));
  const chooseAll = useLatest(() => selection.put(allChosen ? [] : rows.map((row) => row.id)));
  const sortBy = useLatest(onSort);
  const widen = useLatest(onWidth);

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
        <GridHead
          columns={columns}
          widths={widths}
          lefts={lefts}
          frozen={frozen}
          numbers={numbers}
          height={ROW}
          width={width}
          sort={sort}
          allChosen={allChosen}
          onAll={chooseAll}
          onSort={sortBy}
          onWidth={widen}
        />
        {seen.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <GridRow
              key={item.index % slots}
              row={row}
              columns={columns}
              widths={widths}
              lefts={lefts}
              frozen={frozen}
              top={item.start + ROW}
              index={item.index}
              height={height}
              language={language}
              tickLabel={tickLabel}
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

/** Each column's width and, for those that stay in place, how far from the left it stands; and the width of all. */
function measured(columns: GridColumn[]): { widths: number[]; lefts: number[]; width: number } {
  const widths = columns.map((column, index) => widthOf(column, index === 0));
  const lefts: number[] = [];
  let width = TICK;
  for (const each of widths) {
    lefts.push(width);
    width += each;
  }
  return { widths, lefts, width };
}

/** Which columns hold numbers, as a text of `n` and `-`. */
const numbersIn = (columns: GridColumn[], rows: RecordRow[]): string =>
  columns.map(({ field }) => (rows.some((row) => isNumber(field, row[field.key])) ? "n" : "-")).join("");

/** So many places for rows that each one seen has its own. A place takes up the row that comes in where one goes out,
 * which costs a fraction of making it anew; the number only grows, since with another one all change places. */
function useSlots(seen: number): number {
  const most = useRef(32);
  while (most.current < seen + 1) most.current *= 2;
  return most.current;
}

/** The same function from render to render, which does what the newest one does. */
function useLatest<Given extends unknown[]>(act: (...given: Given) => void): (...given: Given) => void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  return useCallback((...given: Given) => latest.current(...given), []);
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [20, 0],
  PageUp: [-20, 0],
};
