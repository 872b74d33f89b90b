import { lazy, Suspense, useState } from "react";
import { useWords, withWords } from "../../app/language";
import "./day.css";
import { countOf, entriesOf, hasRest, isGroup, ofUrgency, URGENCIES } from "./day";
import { MatterRow, type Showing, UrgencyLevel } from "./MatterRow";
import type { Group } from "./matter";
import { A_PAGE, useMatters } from "./matters";

const RuleGroupRow = lazy(withWords(() => import("./RuleGroupRow").then((found) => ({ default: found.RuleGroupRow }))));

/** What needs somebody now, what today, what is calm: each with its number. */
export function Blocks({ groups, ...showing }: Showing & { groups: Group[] }) {
  return URGENCIES.map((urgency) => {
    const found = ofUrgency(groups, urgency);
    return (
      found.length > 0 && (
        <section key={urgency} className="work-block">
          <h2>
            <UrgencyLevel urgency={urgency} /> <span>{countOf(found).toLocaleString()}</span>
          </h2>
          <ul>
            <Matters groups={found} {...showing} />
          </ul>
        </section>
      )
    );
  });
}

/** Tasks and signals as rows; many of one rule stand as one that unfolds. */
export function Matters({ groups, ...showing }: Showing & { groups: Group[] }) {
  return (
    <>
      {entriesOf(groups).map((each) =>
        isGroup(each) ? (
          <Suspense
            key={`${each.kind} ${each.urgency} ${each.rule}`}
            fallback={<li aria-busy className="work-group" />}
          >
            <RuleGroupRow group={each} {...showing} />
          </Suspense>
        ) : (
          <MatterRow key={each.row.id} matter={each} {...showing} />
        ),
      )}
      {groups.filter(hasRest).map((each) => (
        <Rest key={`${each.kind} ${each.urgency}`} group={each} {...showing} />
      ))}
    </>
  );
}

/** What no rule brought beyond the first that came: it is fetched when somebody asks for it. */
function Rest({ group, ...showing }: Showing & { group: Group }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  // The first of these pages begins with what is shown already.
  const asked = { ...showing.asked, urgency: group.urgency, rule: "" };
  const list = useMatters(group.kind, asked, open, 2 * A_PAGE);
  const known = new Set(group.items.map((each) => each.id));
  const rows = (list.data?.pages.flatMap((page) => page.items) ?? []).filter((each) => !known.has(each.id));
  const left = group.count - group.items.length - rows.length;
  return (
    <>
      {rows.map((row) => (
        <MatterRow key={row.id} matter={{ kind: group.kind, row }} {...showing} />
      ))}
      {left > 0 && (
        <li className="work-group">
          <button
            type="button"
            className="text-button work-group-more"
            disabled={list.isFetching}
            onClick={() => (open ? void list.fetchNextPage() : setOpen(true))}
          >
            {t("dayMoreOf", { count: left })}
          </button>
        </li>
      )}
    </>
  );
}
