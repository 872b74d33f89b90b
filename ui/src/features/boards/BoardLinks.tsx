import { Link, useParams } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { useBoards } from "./queries";

// As many as leave the objects below them in sight; the others are on the page of all boards.
const SHOWN = 5;

/** The boards that are for the person, under the way to all of them; the one that is open always. */
export function BoardLinks() {
  const { say } = useWords();
  const pages = (useBoards().data ?? []).filter((each) => each.record === null);
  const { board: open } = useParams({ strict: false });
  return pages
    .filter((each, at) => at < SHOWN || each.key === open)
    .map((each) => (
      <Link key={each.key} className="nav nav-under" to="/boards/$board" params={{ board: each.key }}>
        {say(each.label)}
      </Link>
    ));
}
