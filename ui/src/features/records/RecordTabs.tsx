import { Tabs } from "antd";
import { lazy, Suspense } from "react";
import { useModel, useRecord } from "../../api/queries";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Panel } from "../boards/Panels";
import { usePanels } from "../boards/queries";
import { useAbsences } from "../profile/away";
import { AsOf } from "./AsOf";
import { Details, type RecordProps } from "./Details";
import { Figures } from "./Figures";
import { History } from "./History";
import { Related } from "./Related";
import { relatedLists } from "./related-lists";
import { isSomebody } from "./somebody";
import "../../design/record.css";

const Absences = lazy(() => import("../profile/Absences").then((room) => ({ default: room.Absences })));
const Duplicates = lazy(() => import("./Duplicates").then((room) => ({ default: room.Duplicates })));
const CapturePanel = lazy(() => import("../capture/CapturePanel").then((room) => ({ default: room.CapturePanel })));

/** What there is to know of a record beside its form, a tab each; what would be empty is left out. */
export function useAside(object: ObjectDef, id: string) {
  const { t, say } = useWords();
  const model = useModel().data;
  const record = useRecord(object.key, id);
  const panels = usePanels(object.key, id, "beside").data ?? [];
  const lists = relatedLists(model?.objects ?? [], object.key);
  // Asked by the door itself: who leads a colleague or manages people may know; it is not told to others.
  const away = useAbsences(id, object.key === "person" && id !== "new").found;
  return [
    ...((object.metrics ?? []).length > 0
      ? [{ key: "figures", label: t("figures"), children: <Figures object={object} id={id} /> }]
      : []),
    ...panels.map((drawn) => ({
      key: `panel-${drawn.board.key}`,
      label: say(drawn.board.label),
      children: <Panel drawn={drawn} object={object} id={id} />,
    })),
    ...(away.isSuccess
      ? [
          {
            key: "away",
            label: t("away"),
            children: (
              <Suspense fallback={null}>
                <Absences person={id} />
              </Suspense>
            ),
          },
        ]
      : []),
    ...(lists.length > 0
      ? [{ key: "related", label: t("related"), children: <Related lists={lists} target={object.key} id={id} /> }]
      : []),
    { key: "history", label: t("history"), children: <History object={object} id={id} /> },
    ...(object.builtin
      ? []
      : [
          {
            key: "captures",
            label: t("captures"),
            children: (
              <Suspense fallback={null}>
                <CapturePanel object={object} id={id} />
              </Suspense>
            ),
          },
        ]),
    ...(isSomebody(object) && id !== "new"
      ? [
          {
            key: "duplicates",
            label: t("duplicates"),
            children: (
              <Suspense fallback={null}>
                <Duplicates object={object} id={id} />
              </Suspense>
            ),
          },
        ]
      : []),
    ...(record.data ? [{ key: "as-of", label: t("asOf"), children: <AsOf object={object} now={record.data} /> }] : []),
  ];
}

/** What is pinned above a record's form and tabs. */
export function Pinned({ object, id }: { object: ObjectDef; id: string }) {
  const panels = usePanels(object.key, id, "top").data ?? [];
  return panels.map((drawn) => (
    <div key={drawn.board.key} className="pinned-panel">
      <Panel drawn={drawn} object={object} id={id} />
    </div>
  ));
}

/** Form and all the rest as tabs, for a narrow place. */
export function RecordTabs(props: RecordProps) {
  const { t } = useWords();
  const aside = useAside(props.object, props.id);
  return (
    <>
      <Pinned object={props.object} id={props.id} />
      <Tabs
        destroyOnHidden={false}
        tabBarGutter={20}
        items={[{ key: "details", label: t("details"), children: <Details {...props} /> }, ...aside]}
      />
    </>
  );
}
