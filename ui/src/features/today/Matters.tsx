import { lazy, type ReactNode, Suspense, useState } from "react";
import { useWords, withWords } from "../../app/language";
import { Level } from "../../design/Level";
import { SignalRow } from "../signals/SignalRow";
import "./day.css";
import { countOf, entriesOf, hasRest, isGroup, type Matter, ofUrgency, URGENCIES, type Urgency } from "./day";
import { A_PAGE, type Group, type MattersAsked, useMatters } from "./matters";
import { TaskRow } from "./TaskRow";

const RuleGroupRow = lazy(withWords(() => import("./RuleGroupRow").then((found) => ({ default: found.RuleGroupRow }))));

/** How matters are shown. `others`: they are in other people's hands, and asked about, not done for them. */
export interface Showing {
  asked: MattersAsked;
  now: Date;
  others?: boolean;
  named?: boolean;
}

/** What needs somebody now, what today, what is calm: each with its number. */
export function Blocks({ groups, ...showing }: Showing & { groups: Group[] }) {
  return URGENCIES.map((urgency) => {
    const found = ofUrgency(groups, urgency);
    return (
      found.length > 0 && (
        <section key={urgency} className="work-block">
          <h3>
            <UrgencyLevel urgency={urgency} /> <span>{countOf(found).toLocaleString()}</span>
          </h3>
          <ul>
            <Matters groups={found} {...showing} />
          </ul>
        </section>
      )
    );
  });
}

const LEVELS = { now: "red", soon: "yellow", later: "green" } as const;
const WORDS = {
  mine: { now: "needsNow", soon: "needsToday", later: "needsLater" },
  team: { now: "urgencyNow", soon: "urgencySoon", later: "urgencyLater" },
} as const;

/** An urgency by shape and word: to who has it in hand, or of what others have. */
export function UrgencyLevel({ urgency, words = "mine" }: { urgency: Urgency; words?: keyof typeof WORDS }) {
  const { t } = useWords();
  return <Level level={LEVELS[urgency]}>{t(WORDS[words][urgency])}</Level>;
}

/** Tasks and signals as rows; many of one rule stand as one that unfolds. */
export function Matters({ groups, ...showing }: Showing & { groups: Group[] }) {
  return (
    <>
      {entriesOf(groups).map((each) =>
        isGroup(each) ? (
          <Suspense key={`${each.kind} ${each.urgency} ${each.rule}`} fallback={null}>
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

/** One of them. */
export function MatterRow(props: Showing & { matter: Matter; choice?: ReactNode }) {
  const { matter, now, others = false, named = others, choice } = props;
  return matter.kind === "signal" ? (
    <SignalRow signal={matter.row} named={named} choice={choice} />
  ) : (
    <TaskRow task={matter.row} now={now} named={named} choice={choice} mine={!others} />
  );
}
