import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { App, Button, Dropdown, Input, Select } from "antd";
import { Download, FileUp, MoreHorizontal, Plus, Search } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useContext, useMemo, useState } from "react";
import { Problem } from "../../api/client";
import { useModel, useRecords, useSave } from "../../api/queries";
import type { FieldDef, ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { LiveContext } from "../../app/live-context";
import { Missing } from "../../app/Missing";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { RecordGrid } from "../../grid/RecordGrid";
import { useSelection } from "../../grid/selection";
import { isEditable } from "../../meta/Editor";
import { offers, takes } from "../../meta/offers";
import { valueText } from "../../meta/Value";
import { BulkBar } from "./BulkBar";
import { CellEditor } from "./CellEditor";
import { ColumnsMenu } from "./ColumnsMenu";
import { FilterBuilder } from "./FilterBuilder";
import { Groups, groupable, useSums } from "./Groups";
import { type Change, KINDS, type ListSearch, listSearch, type ViewKind } from "./list-search";
import { RecordPanel } from "./RecordPanel";
import { RowsOnPhone } from "./RowsOnPhone";
import { totalled } from "./totals";
import { KindIcon, ViewTabs } from "./ViewTabs";
import { keepLayout, keptLayout, type Layout, type SavedView, searchOf, shownColumns } from "./views";

// So many records a request: a quick wheel passes a thousand rows in a second.
const PAGE = 200;

const ImportDialog = lazy(() => import("../transfer/ImportDialog").then((found) => ({ default: found.ImportDialog })));
const Kanban = lazy(() => import("./Kanban").then((found) => ({ default: found.Kanban })));
const CalendarView = lazy(() => import("./CalendarView").then((found) => ({ default: found.CalendarView })));
const Gallery = lazy(() => import("./Gallery").then((found) => ({ default: found.Gallery })));

export function RecordsPage() {
  const { object: key } = useParams({ from: "/records/$object" });
  const model = useModel();
  const object = model.data?.objects.find((each) => each.key === key);
  if (object !== undefined) return <Records key={key} object={object} />;
  if (model.isError) return <p className="fault">{model.error.message}</p>;
  return model.isSuccess ? <Missing /> : null;
}

function Records({ object }: { object: ObjectDef }) {
  const { t, say } = useWords();
  const asked = useSearch({ from: "/records/$object" });
  const navigate = useNavigate({ from: "/records/$object" });
  const live = useContext(LiveContext);
  const phone = usePhone();
  const [importing, setImporting] = useState(false);
  const [layout, setLayout] = useState<Layout>(() => keptLayout(object.key));
  const change: Change = useCallback(
    (part) => void navigate({ search: (before) => listSearch({ ...before, ...part }), replace: true }),
    [navigate],
  );
  const arrange = (next: Layout) => {
    setLayout(next);
    // A view's own columns are kept in the view; what is kept here is for the list without one.
    if (asked.view === undefined) keepLayout(object.key, next);
  };
  const show = (view: SavedView | undefined) => {
    setLayout(view === undefined ? keptLayout(object.key) : { columns: view.body.columns, frozen: view.body.frozen });
    void navigate({ search: searchOf(view) });
  };
  const open = useCallback((record: string) => change({ record }), [change]);

  return (
    <>
      <header className="bar">
        <PageTitle>{say(object.plural ?? object.label)}</PageTitle>
        <span className="gap" />
        {!phone && (
          <span className="live" data-on={live}>
            <i />
            {live ? t("live") : t("offline")}
          </span>
        )}
        <Typed
          key={asked.search ?? ""}
          icon={<Search size={14} aria-hidden />}
          label={t("search")}
          placeholder={phone ? t("searchAll") : t("search")}
          value={asked.search ?? ""}
          width={phone ? 150 : 240}
          onDone={(search) => change({ search })}
        />
        {offers(object, "create") && (
          <Button
            type="primary"
            icon={<Plus size={14} aria-hidden />}
            onClick={() => open("new")}
            aria-label={t("create")}
          >
            {phone ? null : t("create")}
          </Button>
        )}
      </header>
      <Tools
        object={object}
        asked={asked}
        layout={layout}
        phone={phone}
        onChange={change}
        onLayout={arrange}
        onView={show}
        onImport={() => setImporting(true)}
      />
      <Body
        object={object}
        asked={asked}
        layout={layout}
        phone={phone}
        onChange={change}
        onLayout={arrange}
        onOpen={open}
      />
      {importing && (
        <Suspense fallback={null}>
          <ImportDialog object={object} onClose={() => setImporting(false)} />
        </Suspense>
      )}
      {asked.record !== undefined && (
        <RecordPanel object={object} id={asked.record} onOpen={open} onClose={() => change({ record: undefined })} />
      )}
    </>
  );
}

interface PartProps {
  object: ObjectDef;
  asked: ListSearch;
  layout: Layout;
  phone: boolean;
  onChange: Change;
  onLayout: (layout: Layout) => void;
}

function Tools(props: PartProps & { onView: (view: SavedView | undefined) => void; onImport: () => void }) {
  const { object, asked, layout, phone, onChange, onLayout, onView, onImport } = props;
  const { t, say } = useWords();
  const kind = asked.kind ?? "list";
  const by = axes(object, kind);
  const groups = groupable(object.fields);
  const more = [
    ...(offers(object, "import")
      ? [{ key: "import", icon: <FileUp size={14} aria-hidden />, label: t("import"), onClick: onImport }]
      : []),
    ...(offers(object, "export")
      ? [
          {
            key: "export",
            icon: <Download size={14} aria-hidden />,
            label: <a href={exportOf(object.key, asked)}>{t("export")}</a>,
          },
        ]
      : []),
  ];
  return (
    <div className="bar tools">
      <ViewTabs object={object} asked={asked} layout={layout} onView={onView} />
      <span className="gap" />
      {!phone && (
        <Select
          aria-label={t("viewKind")}
          value={kind}
          variant="borderless"
          popupMatchSelectWidth={false}
          onChange={(next: ViewKind) => onChange({ kind: next, by: axes(object, next)[0]?.key })}
          options={KINDS.filter((each) => each === "list" || each === "gallery" || axes(object, each).length > 0).map(
            (each) => ({
              value: each,
              label: (
                <span className="kind">
                  <KindIcon kind={each} /> {t(`kind.${each}`)}
                </span>
              ),
            }),
          )}
        />
      )}
      {by.length > 1 && (
        <Select
          aria-label={t("viewBy")}
          value={asked.by ?? by[0]?.key ?? null}
          popupMatchSelectWidth={false}
          onChange={(next: string) => onChange({ by: next })}
          options={by.map((field) => ({ value: field.key, label: say(field.label) }))}
        />
      )}
      <FilterBuilder
        key={asked.filter ?? ""}
        object={object}
        filter={asked.filter}
        onFilter={(filter) => onChange({ filter })}
      />
      {!phone && kind === "list" && groups.length > 0 && (
        <Select
          aria-label={t("groupBy")}
          allowClear
          placeholder={t("groupBy")}
          value={asked.group ?? null}
          popupMatchSelectWidth={false}
          onChange={(group: string | null | undefined) => onChange({ group: group ?? undefined })}
          options={groups.map((field) => ({ value: field.key, label: say(field.label) }))}
        />
      )}
      {!phone && kind === "list" && <ColumnsMenu object={object} layout={layout} onLayout={onLayout} />}
      {!phone && more.length > 0 && (
        <Dropdown trigger={["click"]} menu={{ items: more }}>
          <Button icon={<MoreHorizontal size={14} aria-hidden />} aria-label={t("moreActions")} />
        </Dropdown>
      )}
    </div>
  );
}

/** The fields that a kind of view can lie along. */
function axes(object: ObjectDef, kind: ViewKind): FieldDef[] {
  if (kind === "kanban") return object.fields.filter((field) => field.type === "choice");
  if (kind === "calendar") return object.fields.filter((field) => field.type === "date" || field.type === "datetime");
  return [];
}

function Body(props: PartProps & { onOpen: (id: string) => void }) {
  const { object, asked, layout, phone, onOpen } = props;
  const kind = asked.kind ?? "list";
  const along = axes(object, kind);
  const by = along.find((field) => field.key === asked.by) ?? along[0];
  if (by !== undefined)
    return (
      <Suspense fallback={null}>
        {kind === "kanban" ? (
          <Kanban object={object} by={by} asked={asked} onOpen={onOpen} />
        ) : (
          <CalendarView object={object} by={by} asked={asked} onOpen={onOpen} />
        )}
      </Suspense>
    );
  const group =
    kind === "list" && !phone ? groupable(object.fields).find((field) => field.key === asked.group) : undefined;
  if (group !== undefined)
    return (
      <Groups
        object={object}
        fields={shownColumns(object, layout).map((each) => each.field)}
        by={group}
        asked={asked}
        onOpen={onOpen}
      />
    );
  return <Listed {...props} />;
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

function Listed(props: PartProps & { onOpen: (id: string) => void }) {
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
      <Foot
        object={object}
        asked={asked}
        fields={columns.map((each) => each.field)}
        page={list.data?.pages[0]}
        rows={rows}
      />
      {list.isError && !(list.error instanceof Problem) && <span className="hint">{t("error")}</span>}
    </>
  );
}

function Foot(props: {
  object: ObjectDef;
  asked: ListSearch;
  fields: FieldDef[];
  page: { count: number | null; count_is_exact: boolean } | undefined;
  rows: RecordRow[];
}) {
  const { object, asked, fields, page } = props;
  const { t, say, language } = useWords();
  const sums = useSums(object, fields, asked).data?.[0];
  return (
    <footer className="foot">
      {page?.count != null && (
        <span>
          {t(page.count_is_exact ? "total" : "totalAbout", { count: page.count.toLocaleString() as unknown as number })}
        </span>
      )}
      {sums !== undefined &&
        totalled(fields)
          .filter(({ field }) => sums[field.key] != null)
          .map(({ field, by }) => (
            <span key={field.key}>
              {say(field.label)} {t(`total.${by}`)} {valueText(field, sums[field.key], language)}
            </span>
          ))}
    </footer>
  );
}

/** The address that gives what the list shows as a spreadsheet. */
function exportOf(object: string, asked: ListSearch): string {
  const wanted = new URLSearchParams({ format: "xlsx" });
  for (const name of ["filter", "sort", "search"] as const) if (asked[name]) wanted.set(name, asked[name]);
  return `/api/records/${object}/export?${wanted}`;
}

/** An input that acts on Enter or when it is left; what was typed stays while the API refuses it. */
function Typed(props: {
  icon: ReactNode;
  label: string;
  placeholder: string;
  value: string;
  width: number | string;
  onDone: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(props.value);
  const done = () => {
    if (text.trim() !== props.value) props.onDone(text.trim() || undefined);
  };
  return (
    <Input
      prefix={props.icon}
      aria-label={props.label}
      placeholder={props.placeholder}
      style={{ width: props.width }}
      value={text}
      allowClear
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value === "" && props.value !== "") props.onDone(undefined);
      }}
      onPressEnter={done}
      onBlur={done}
    />
  );
}
