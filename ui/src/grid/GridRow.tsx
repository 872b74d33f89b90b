import { Fragment, memo, type ReactNode } from "react";
import type { FieldDef, FieldValue, RecordRow } from "../api/types";
import { isNumber, Value } from "../meta/Value";
import type { GridColumn } from "./columns";

/** The input that stands in a cell while it is edited; `done` without a value leaves it as it was. */
export type Editing = (field: FieldDef, row: RecordRow, done: (value: FieldValue | undefined) => void) => ReactNode;

/** A row of a grid. It asks for nothing itself (no words, no density): a hundred of them pass by in a second. */
export const GridRow = memo(
  function GridRow(props: {
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
    height: number;
    tickLabel: (row: number) => string;
    editor: Editing;
    onTick: (range: boolean) => void;
    onSpot: (column: number) => void;
    onEditing: (column: number) => void;
    onEdited: (field: FieldDef, value: FieldValue | undefined) => void;
    onOpen: (id: string) => void;
  }) {
    const { row, columns, widths, lefts, frozen, top, index, height, language, chosen, ticked, at, editing } = props;
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
            aria-label={props.tickLabel(index + 1)}
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
              // Another record's input is another input: what was typed into one must not land in the next.
              <Fragment key={row.id}>{props.editor(field, row, (value) => props.onEdited(field, value))}</Fragment>
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
    before.height === after.height &&
    before.chosen === after.chosen &&
    before.ticked === after.ticked &&
    before.at === after.at &&
    before.editing === after.editing &&
    before.frozen === after.frozen &&
    before.language === after.language &&
    before.widths.every((width, index) => width === after.widths[index]),
);
