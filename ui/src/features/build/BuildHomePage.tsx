import { Link } from "@tanstack/react-router";
import { useMe } from "../../api/queries";
import { buildPages } from "../../app/build-pages";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { PageTitle } from "../../design/PageTitle";
import { useNames } from "../../meta/people";
import { ChangeLines } from "../model/ChangeLines";
import { useModelChanges } from "../model/changes";
import "../../design/settings.css";
import "./build.css";
import { Waiting } from "./Waiting";

const LATELY = 5;

/** Where one begins to build: what waits for somebody, what each page is for, what was changed lately. */
export function BuildHomePage() {
  const { t } = useWords();
  const manages = useMe().data?.manages ?? [];
  return (
    <>
      <header className="bar">
        <PageTitle>{t("build")}</PageTitle>
      </header>
      <div className="page build-home">
        <Waiting manages={manages} />
        <section>
          <h2>{t("buildWhat")}</h2>
          <ul className="build-cards">
            {buildPages(manages).map(({ to, word, Icon }) => (
              <li key={to}>
                <Link to={to}>
                  <Icon size={18} strokeWidth={1.6} aria-hidden />
                  <b>{t(word)}</b>
                  <span>{t(`buildFor.${word}`)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
        {manages.includes("model") && <Lately />}
      </div>
    </>
  );
}

function Lately() {
  const { t } = useWords();
  const changes = (useModelChanges().data ?? []).slice(0, LATELY);
  const names = useNames(changes.flatMap((each) => each.actor ?? []));
  if (changes.length === 0) return null;
  return (
    <section>
      <h2>{t("buildLately")}</h2>
      <ol className="changes">
        {changes.map((change) => (
          <li key={change.id}>
            <header>
              <b>{(change.actor && names.get(change.actor)) || t("system")}</b>
              <span className="blank">
                <Moment at={change.created_at} />
              </span>
              {change.undoes && <span className="chip">{t("undone")}</span>}
            </header>
            <ChangeLines change={change} />
          </li>
        ))}
      </ol>
    </section>
  );
}
