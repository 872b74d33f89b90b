import { Link, useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { Pencil, Printer } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMe } from "../../api/queries";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { BoardGrid } from "./BoardGrid";
import type { BoardName } from "./boards";
import { useBoard, useBoards } from "./queries";

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
        <PageTitle>{t("boards")}</PageTitle>
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
        <PageTitle>{say(drawn.data.board.label)}</PageTitle>
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
        <BoardGrid widgets={drawn.data.widgets} asked={drawn.data.asked} />
      </div>
      {editing && (
        <Suspense fallback={null}>
          <BoardEditor drawn={drawn.data} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}
