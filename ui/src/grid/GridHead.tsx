import { ArrowDown, ArrowUp } from "lucide-react";
import { memo, type PointerEvent } from "react";
import type { FieldDef } from "../api/types";
import { useWords } from "../app/language";
import type { GridColumn } from "./columns";

const NARROWEST = 60;

/** The heads of a grid's columns: what they are, the order by them, and a handle for their width. It stands still while
 * rows pass under it, so it is drawn only when one of these changes. */
export const GridHead = memo(function GridHead(props: {
  columns: GridColumn[];
  widths: number[];
  lefts: number[];
  frozen: number;
  /** Which columns hold numbers, a letter each: a text, so that the same answer is the same value. */
  numbers: string;
  height: number;
  width: number;
  sort: string | undefined;
  allChosen: boolean;
  onAll: () => void;
  onSort: (sort: string | undefined) => void;
  onWidth: (field: string, width: number) => void;
}) {
  const { columns, widths, lefts, frozen, numbers, height, width, sort, allChosen, onAll, onSort, onWidth } = props;
  const { t } = useWords();
  return (
    <div className="grid-row grid-head" role="row" style={{ height, minWidth: "100%", width, position: "sticky" }}>
      <div role="columnheader" className="grid-cell tick pinned">
        <input type="checkbox" tabIndex={-1} aria-label={t("chooseAll")} checked={allChosen} onChange={onAll} />
      </div>
      {columns.map(({ field }, index) => (
        <HeadCell
          key={field.key}
          field={field}
          width={widths[index] ?? 0}
          left={index < frozen ? lefts[index] : undefined}
          numbers={numbers[index] === "n"}
          sort={sort}
          onSort={onSort}
          onWidth={onWidth}
        />
      ))}
    </div>
  );
});

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
      <button type="button" className="sort" title={say(field.label)} tabIndex={-1} onClick={() => onSort(next)}>
        <span>{say(field.label)}</span>
        {direction === "ascending" && <ArrowUp size={12} aria-hidden />}
        {direction === "descending" && <ArrowDown size={12} aria-hidden />}
      </button>
      <span className="resize" title={t("resize")} onPointerDown={drag} aria-hidden />
    </div>
  );
}
