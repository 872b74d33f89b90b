import {
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { App } from "antd";
import { useCallback, useLayoutEffect, useMemo, useState } from "react";
import { useRecords } from "../../api/queries";
import type { FieldDef, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { takes } from "../../meta/offers";
import { optionsOf } from "../../meta/options";
import { Value, valueText } from "../../meta/Value";
import { columnsOf } from "./columns";
import { CARD_KEYS, laneByArrow } from "./lanes";
import type { ListSearch } from "./list-search";
import { laneOf, latestOf, placed, useMovedCards } from "./moved-cards";

/** The records by a choice: a column an option, cards are dragged (or moved by space and arrows) from one to another. */
export function Kanban(props: { object: ObjectDef; by: FieldDef; asked: ListSearch; onOpen: (id: string) => void }) {
  const { object, by, asked, onOpen } = props;
  const { t, language } = useWords();
  const { message } = App.useApp();
  const { moved, move } = useMovedCards(object.key, by.key, (error) => void message.error(error.message, 6));
  const [read, setRead] = useState<ReadonlyMap<string, RecordRow[]>>(new Map());
  const onRead = useCallback(
    (lane: string, rows: RecordRow[]) => setRead((before) => new Map(before).set(lane, rows)),
    [],
  );
  const latest = useMemo(() => latestOf(read.values()), [read]);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: laneByArrow, keyboardCodes: CARD_KEYS }),
  );
  const movable = takes(by, false);
  const lanes = [
    ...optionsOf(by).map((each) => ({
      key: each.key,
      label: each.label[language] || each.label.zh,
      colour: each.colour,
    })),
    { key: "", label: "—", colour: null },
  ];
  const laneNamed = (key: unknown) => lanes.find((each) => each.key === key)?.label ?? "—";
  return (
    <DndContext
      sensors={sensors}
      accessibility={{
        screenReaderInstructions: { draggable: t("cardHow") },
        announcements: {
          onDragStart: () => t("cardTaken"),
          onDragOver: ({ over }) => t("cardOver", { lane: laneNamed(over?.id) }),
          onDragEnd: ({ over }) => t("cardSet", { lane: laneNamed(over?.id) }),
          onDragCancel: () => t("cardLeft"),
        },
      }}
      onDragEnd={({ active, over }) => {
        const row = active.data.current?.row as RecordRow | undefined;
        if (row === undefined || over === null || laneOf(row, by.key) === over.id) return;
        void move(row, String(over.id));
      }}
    >
      <div className="kanban">
        {lanes.map((lane) => (
          <Lane
            key={lane.key}
            object={object}
            by={by}
            lane={lane}
            asked={asked}
            moved={moved}
            latest={latest}
            onRead={onRead}
            movable={movable}
            onOpen={onOpen}
          />
        ))}
      </div>
    </DndContext>
  );
}

function Lane(props: {
  object: ObjectDef;
  by: FieldDef;
  lane: { key: string; label: string; colour: string | null | undefined };
  asked: ListSearch;
  moved: ReadonlyMap<string, RecordRow>;
  latest: ReadonlyMap<string, number>;
  onRead: (lane: string, rows: RecordRow[]) => void;
  movable: boolean;
  onOpen: (id: string) => void;
}) {
  const { object, by, lane, asked, moved, latest, onRead, movable, onOpen } = props;
  const { t } = useWords();
  const { setNodeRef, isOver } = useDroppable({ id: lane.key });
  const own = lane.key === "" ? `${by.key} IS BLANK` : `${by.key} = '${lane.key}'`;
  const filter = asked.filter ? `(${asked.filter}) AND ${own}` : own;
  const list = useRecords(object.key, { filter, sort: asked.sort, search: asked.search });
  const found = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  // Before anything is painted: no card is seen twice, not for a moment.
  useLayoutEffect(() => onRead(lane.key, found), [onRead, lane.key, found]);
  const rows = placed(found, moved, latest, by.key, lane.key);
  const first = list.data?.pages[0];
  if (lane.key === "" && rows.length === 0) return null;
  return (
    <section ref={setNodeRef} className="lane" data-over={isOver} aria-label={lane.label}>
      <h2>
        <span className="chip" data-colour={lane.colour ?? undefined}>
          {lane.label}
        </span>
        <span className="lane-count">
          {first?.count != null ? `${first.count_is_exact ? "" : "≈"}${first.count.toLocaleString()}` : ""}
        </span>
      </h2>
      <div className="lane-cards">
        {rows.map((row) => (
          <Card key={row.id} object={object} by={by} row={row} movable={movable} onOpen={onOpen} />
        ))}
        {list.hasNextPage && (
          <button type="button" className="more" onClick={() => void list.fetchNextPage()}>
            {t("more")}
          </button>
        )}
      </div>
    </section>
  );
}

function Card(props: {
  object: ObjectDef;
  by: FieldDef;
  row: RecordRow;
  movable: boolean;
  onOpen: (id: string) => void;
}) {
  const { object, by, row, movable, onOpen } = props;
  const { say, language } = useWords();
  const { attributes, listeners, setNodeRef, transform, isDragging } = useDraggable({
    id: row.id,
    data: { row },
    disabled: !movable,
  });
  const [title, ...rest] = useMemo(() => columnsOf(object), [object]);
  const shown = rest
    .filter((field) => field.key !== by.key && row[field.key] !== null && row[field.key] !== undefined)
    .slice(0, 4);
  return (
    <button
      ref={setNodeRef}
      type="button"
      className="record-card"
      data-dragging={isDragging}
      style={{ transform: transform ? `translate(${transform.x}px, ${transform.y}px)` : undefined }}
      {...attributes}
      {...listeners}
      onClick={() => onOpen(row.id)}
    >
      <b>{(title && valueText(title, row[title.key], language)) || "—"}</b>
      {shown.map((field) => (
        <span key={field.key} title={say(field.label)}>
          <Value field={field} value={row[field.key]} language={language} />
        </span>
      ))}
    </button>
  );
}
