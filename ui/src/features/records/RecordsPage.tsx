import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { Download, FileUp, ListFilter, Plus, Search } from "lucide-react";
import { lazy, Suspense, useCallback, useContext, useMemo, useState } from "react";
import { Problem } from "../../api/client";
import { useModel, useRecords } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { LiveContext } from "../../app/live-context";
import { Empty } from "../../design/Empty";
import { usePhone } from "../../grid/phone";
import { RecordGrid } from "../../grid/RecordGrid";
import { offers } from "../../meta/offers";
import { columnsOf } from "./columns";
import { exampleFilter } from "./example";
import { type ListSearch, listSearch } from "./list-search";
import { RecordPanel } from "./RecordPanel";
import { RowsOnPhone } from "./RowsOnPhone";

const ImportDialog = lazy(() => import("../transfer/ImportDialog").then((found) => ({ default: found.ImportDialog })));

export function RecordsPage() {
  const { object: key } = useParams({ from: "/records/$object" });
  const model = useModel();
  const object = model.data?.objects.find((each) => each.key === key);
  const { t } = useWords();
  if (object !== undefined) return <Records key={key} object={object} />;
  return model.isSuccess ? <Empty title={t("notFound")} lead="" /> : null;
}

function Records({ object }: { object: ObjectDef }) {
  const { t, say, language } = useWords();
  const asked = useSearch({ from: "/records/$object" });
  const navigate = useNavigate({ from: "/records/$object" });
  const live = useContext(LiveContext);
  const phone = usePhone();
  const [importing, setImporting] = useState(false);
  const list = useRecords(object.key, { filter: asked.filter, sort: asked.sort, search: asked.search });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const first = list.data?.pages[0];
  const fields = useMemo(() => columnsOf(object), [object]);
  const change = useCallback(
    (part: { [name in keyof ListSearch]?: string | undefined }) =>
      void navigate({ search: (before) => listSearch({ ...before, ...part }), replace: true }),
    [navigate],
  );
  const open = useCallback((record: string) => change({ record }), [change]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <>
      <header className="bar">
        <h1>{say(object.plural ?? object.label)}</h1>
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
      <div className="bar tools">
        <Typed
          key={asked.filter ?? ""}
          icon={<ListFilter size={14} aria-hidden />}
          label={t("filter", { example: exampleFilter(object, language) })}
          value={asked.filter ?? ""}
          width="min(560px, 100%)"
          onDone={(filter) => change({ filter })}
        />
        <span className="gap" />
        {!phone && offers(object, "import") && (
          <Button icon={<FileUp size={14} aria-hidden />} onClick={() => setImporting(true)}>
            {t("import")}
          </Button>
        )}
        {!phone && offers(object, "export") && (
          <Button icon={<Download size={14} aria-hidden />} href={exportOf(object.key, asked)}>
            {t("export")}
          </Button>
        )}
      </div>
      {list.error instanceof Problem && <Refused problem={list.error} />}
      {list.isSuccess && rows.length === 0 ? (
        <Empty
          title={asked.filter || asked.search ? t("nothingFound") : t("nothing")}
          lead={asked.filter || asked.search ? t("nothingFoundLead") : t("nothingLead")}
        />
      ) : phone ? (
        <RowsOnPhone object={object} rows={rows} onOpen={open} onEnd={more} />
      ) : (
        <RecordGrid
          label={say(object.plural ?? object.label)}
          fields={fields}
          rows={rows}
          total={first?.count ?? null}
          sort={asked.sort}
          selected={asked.record}
          onSort={(sort) => change({ sort })}
          onOpen={open}
          onEnd={more}
        />
      )}
      <footer className="foot">
        {first?.count != null &&
          t(first.count_is_exact ? "total" : "totalAbout", {
            count: first.count.toLocaleString() as unknown as number,
          })}
      </footer>
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

/** The address that gives what the list shows as a spreadsheet. */
function exportOf(object: string, asked: ListSearch): string {
  const wanted = new URLSearchParams({ format: "xlsx" });
  for (const name of ["filter", "sort", "search"] as const) if (asked[name]) wanted.set(name, asked[name]);
  return `/api/records/${object}/export?${wanted}`;
}

function Refused({ problem }: { problem: Problem }) {
  return (
    <div role="alert" className="fault" style={{ padding: "8px 16px" }}>
      {problem.message}
    </div>
  );
}

/** An input that acts on Enter or when it is left; what was typed stays while the API refuses it. */
function Typed(props: {
  icon: React.ReactNode;
  label: string;
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
      placeholder={props.label}
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
