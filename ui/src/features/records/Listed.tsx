import { App, Button } from "antd";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { Problem } from "../../api/client";
import { useRecords, useSave } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { RecordGrid } from "../../grid/RecordGrid";
import { useSelection } from "../../grid/selection";
import { isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { BulkBar } from "./BulkBar";
import { CellEditor } from "./CellEditor";
import { ListFoot } from "./ListFoot";
import { RowsOnPhone } from "./RowsOnPhone";
import { type ListPart, shownColumns } from "./views";

// So many records a request: a quick wheel passes a thousand rows in a second.
const PAGE = 200;

const Gallery = lazy(() => import("./Gallery").then((found) => ({ default: found.Gallery })));

/** Record by record: as a grid, as cards, or as rows on a phone. */
export function Listed(props: ListPart & { onOpen: (id: string) => void }) {
  const { object, asked, layout, phone, onChange, onLayout, onOpen } = props;
  const { t, say } = useWords();
  const { message } = App.useApp();
  const list = useRecords(object.key, { filter: asked.filter, sort: asked.sort, search: asked.search, limit: PAGE });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const columns = useMemo(() => shownColumns(object, layout), [object, layout]);
  const selection = useSelection();
  const save = useSave(object.key);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const chosen = rows.filter((row) => selection.ids.has(row.id));
  const width = (field: string, wide: number) =>
    onLayout({
      ...layout,
      columns: columns.map((each) => ({ field: each.field.key, width: each.field.key === field ? wide : each.width })),
    });

  return (
    <>
      {list.error instanceof Problem && (
        <div role="alert" className="fault" style={{ padding: "8px 16px" }}>
          {list.error.message}{" "}
          <Button size="small" onClick={() => void list.refetch()}>
            {t("retry")}
          </Button>
        </div>
      )}
      {list.isSuccess && rows.length === 0 ? (
        <Nothing
          object={object}
          onClear={asked.filter || asked.search ? () => onChange({ filter: undefined, search: undefined }) : undefined}
        />
      ) : phone ? (
        <RowsOnPhone object={object} rows={rows} onOpen={onOpen} onEnd={more} />
      ) : asked.kind === "gallery" ? (
        <Suspense fallback={null}>
          <Gallery object={object} rows={rows} more={hasNextPage ? more : undefined} onOpen={onOpen} />
        </Suspense>
      ) : (
        <RecordGrid
          label={say(object.plural ?? object.label)}
          columns={columns}
          frozen={layout.frozen}
          rows={rows}
          total={list.data?.pages[0]?.count ?? null}
          sort={asked.sort}
          selected={asked.record}
          selection={selection}
          editable={(field) => isEditable(field) && offers(object, "update") && takes(field, false)}
          editor={(field, row, done) => <CellEditor field={field} row={row} onDone={done} />}
          onEdit={(row, field, value) =>
            save.mutate(
              { id: row.id, version: row.version, values: { [field.key]: value } },
              { onError: (error) => void message.error(error.message, 6) },
            )
          }
          onWidth={width}
          onSort={(sort) => onChange({ sort })}
          onOpen={onOpen}
          onEnd={more}
        />
      )}
      {chosen.length > 0 && <BulkBar object={object} rows={chosen} onDone={() => selection.put([])} />}
      <ListFoot object={object} asked={asked} fields={columns.map((each) => each.field)} page={list.data?.pages[0]} />
      {list.isError && !(list.error instanceof Problem) && <span className="hint">{t("error")}</span>}
    </>
  );
}

/** Says what to do: make one, or let go of what was looked for. */
function Nothing({ object, onClear }: { object: ObjectDef; onClear: (() => void) | undefined }) {
  const { t } = useWords();
  if (onClear === undefined)
    return <Empty title={t("nothing")} lead={t(offers(object, "create") ? "nothingLead" : "nothingLeadReader")} />;
  return (
    <Empty title={t("nothingFound")} lead={t("nothingFoundLead")}>
      <Button onClick={onClear}>{t("clearAsked")}</Button>
    </Empty>
  );
}
