import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { listRecords, useModel } from "../../api/queries";
import type { WidgetWanted } from "../../api/schema";
import { useWords } from "../../app/language";
import { useDesigns } from "../../designers/definitions";
import { useSettled } from "../../designers/formula/queries";
import { RecordPicker } from "../../designers/RecordPicker";
import { BoardGrid } from "./BoardGrid";
import type { BoardName, DrawnWidget, Widget } from "./boards";
import { finished } from "./drafts";
import { Panel } from "./Panels";

type About = NonNullable<WidgetWanted["about"]>;

/** The board as it would be, with today's figures: a widget is worked out anew when what it asks is changed. */
export function BoardPreview({ board, widgets }: { board: BoardName; widgets: Widget[] }) {
  const { t } = useWords();
  const settled = useSettled(widgets, 500);
  return (
    <section className="board-preview" aria-label={t("boardPreview")}>
      <h2>{t("boardPreview")}</h2>
      {board.record === null ? (
        <PageOf widgets={settled} />
      ) : (
        <PanelOf key={board.record} board={board} object={board.record} widgets={settled} />
      )}
    </section>
  );
}

function PageOf({ widgets }: { widgets: Widget[] }) {
  return <BoardGrid widgets={useDrawn(widgets)} asked={useAsked()} />;
}

/** A panel is seen on a record: the one that is picked, at first any. */
function PanelOf({ board, object, widgets }: { board: BoardName; object: string; widgets: Widget[] }) {
  const { t, say } = useWords();
  const definition = useModel().data?.objects.find((each) => each.key === object);
  const [picked, setPicked] = useState<string>();
  const first = useQuery({
    queryKey: ["choices", object, "first"],
    queryFn: () => listRecords(object, { limit: 1 }),
    retry: false,
  });
  const id = picked ?? first.data?.items[0]?.id;
  const drawn = useDrawn(widgets, id === undefined ? null : { object, id });
  const asked = useAsked();
  return (
    <>
      <RecordPicker
        object={object}
        label={t("boardPreviewOn", { name: say(definition?.label) })}
        value={picked}
        onChange={setPicked}
      />
      {id !== undefined && definition && <Panel drawn={{ board, asked, widgets: drawn }} object={definition} id={id} />}
    </>
  );
}

/** What each widget shows; `about` is the record of a panel, null while there is none. */
function useDrawn(widgets: Widget[], about?: About | null): DrawnWidget[] {
  const { language } = useWords();
  const answers = useQueries({
    queries: widgets.map((widget) => {
      // Where it lies and what it is called ask nothing.
      const { label, spot, ...question } = widget;
      return {
        queryKey: ["widget-preview", question, about, language],
        queryFn: () =>
          told(
            api.POST("/api/boards/preview", {
              body: { widget: finished(widget), ...(about && { about }) },
            }),
          ) as Promise<DrawnWidget>,
        enabled: about !== null,
        placeholderData: keepPreviousData,
        retry: false,
      };
    }),
  });
  return widgets.map((widget, at) => {
    const { data, error } = answers[at] ?? {};
    if (error instanceof Problem) return { widget, found: null, faults: error.faults };
    if (data === undefined) return { widget: { ...widget, kind: "text", text: NOTHING }, found: null, faults: [] };
    return { ...data, widget: { ...data.widget, label: widget.label, spot: widget.spot } };
  });
}

const NOTHING = { zh: "", en: "" };

/** The roles that rows' actions may ask for help, as they are called. */
function useAsked() {
  const { say } = useWords();
  return (useDesigns()?.roles ?? []).map((each) => ({ key: each.key, label: say(each.label) }));
}
