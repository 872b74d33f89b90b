import { Link, useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { Pencil, Printer } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMe } from "../../api/queries";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { type BoardName, type Drawn, useBoard, useBoards } from "./boards";
import { WidgetView } from "./WidgetView";

const BoardEditor = lazy(() => import("./BoardEditor").then((found) => ({ default: found.BoardEditor })));

/** All boards of the company. */
export function BoardsPage() {
  const { t } = useWords();
  const boards = useBoards();
  const me = useMe().data;
  const [making, setMaking] = useState(false);
  const pages = (boards.data ?? []).filter((each) => each.record === null);
  const panels = (boards.data ?? []).filter((each) => each.record !== null);
  return (
    <>
      <header className="bar">
        <h1>{t("boards")}</h1>
        <span className="gap" />
        {me?.manages.includes("model") && (
          <Button type="primary" onClick={() => setMaking(true)}>
            {t("boardNew")}
          </Button>
        )}
      </header>
      <div className="page">
        {boards.isSuccess && boards.data.length === 0 && (
          <Empty title={t("boardsNothing")} lead={t("boardsNothingLead")} />
        )}
        <Names boards={pages} />
        {panels.length > 0 && (
          <>
            <h2 className="board-names-head">{t("panelsOfRecords")}</h2>
            <Names boards={panels} />
          </>
        )}
      </div>
      {making && (
        <Suspense fallback={null}>
          <BoardEditor onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </>
  );
}

function Names({ boards }: { boards: BoardName[] }) {
  const { say } = useWords();
  return (
    <div className="board-names">
      {boards.map((each) => (
        <Link key={each.key} to="/boards/$board" params={{ board: each.key }} className="record-card">
          <b>{say(each.label)}</b>
          {each.description && <span>{say(each.description)}</span>}
        </Link>
      ))}
    </div>
  );
}

/** One board: every figure in it is the reader's own, and opens into the records behind it. */
export function BoardPage() {
  const { board: key } = useParams({ from: "/boards/$board" });
  const { t, say } = useWords();
  const drawn = useBoard(key);
  const me = useMe().data;
  const [editing, setEditing] = useState(false);
  if (drawn.isError) return <Empty title={t("notFound")} lead={drawn.error.message} />;
  if (drawn.data === undefined) return null;
  return (
    <>
      <header className="bar">
        <h1>{say(drawn.data.board.label)}</h1>
        <span className="gap" />
        <Button type="text" icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
          {t("print")}
        </Button>
        {me?.manages.includes("model") && (
          <Button icon={<Pencil size={14} aria-hidden />} onClick={() => setEditing(true)}>
            {t("boardEdit")}
          </Button>
        )}
      </header>
      <div className="page board-page">
        <Grid drawn={drawn.data} />
      </div>
      {editing && (
        <Suspense fallback={null}>
          <BoardEditor drawn={drawn.data} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}

function Grid({ drawn }: { drawn: Drawn }) {
  const { t, say } = useWords();
  if (drawn.widgets.length === 0) return <Empty title={t("boardEmpty")} lead={t("boardEmptyLead")} />;
  return (
    <div className="board">
      {drawn.widgets.map(({ widget, found, faults }) => (
        <section
          key={widget.key}
          className="widget"
          data-kind={widget.kind}
          aria-label={say(widget.label)}
          style={{
            gridColumn: `${widget.spot.x + 1} / span ${widget.spot.w}`,
            gridRow: `${widget.spot.y + 1} / span ${widget.spot.h}`,
          }}
        >
          <h2>{say(widget.label)}</h2>
          <div className="widget-body">
            {faults.length > 0 ? (
              <p className="lead">{faults[0]?.message}</p>
            ) : (
              <WidgetView widget={widget} found={found} asked={drawn.asked} />
            )}
          </div>
        </section>
      ))}
    </div>
  );
}
