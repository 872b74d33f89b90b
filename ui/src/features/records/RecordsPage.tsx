import { useLocation, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus, Search } from "lucide-react";
import { lazy, Suspense, useCallback, useContext, useState } from "react";
import { useModel } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { LiveContext } from "../../app/live-context";
import { Missing } from "../../app/Missing";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { offers } from "../../meta/offers";
import { ListBody } from "./ListBody";
import { ListTools } from "./ListTools";
import { type Change, listSearch } from "./list-search";
import { RecordPanel } from "./RecordPanel";
import { Typed } from "./Typed";
import { keepLayout, keptLayout, type Layout, type SavedView, searchOf } from "./views";

const ImportDialog = lazy(() => import("../transfer/ImportDialog").then((found) => ({ default: found.ImportDialog })));

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
  const { history } = useRouter();
  const isFromElsewhere = useLocation({ select: ({ state }) => state.isFromElsewhere });
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
  // Whatever is changed in the list meanwhile makes it the place where one is.
  const close = () => (isFromElsewhere ? history.back() : change({ record: undefined }));

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
      <ListTools
        object={object}
        asked={asked}
        layout={layout}
        phone={phone}
        onChange={change}
        onLayout={arrange}
        onView={show}
        onImport={() => setImporting(true)}
      />
      <ListBody
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
      {asked.record !== undefined && <RecordPanel object={object} id={asked.record} onOpen={open} onClose={close} />}
    </>
  );
}
