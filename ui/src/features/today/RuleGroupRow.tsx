import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { valueText } from "../../meta/Value";
import { sumOf, useAmounts } from "./amounts";
import { type Matter, peopleOf, READ_SINGLY, type RuleGroup, waitsSince } from "./day";
import { ManyBar } from "./ManyBar";
import { MatterRow } from "./Matters";
import { useRuleNames } from "./rule-names";
import { textOf } from "./tasks";

// A day's page stays quick however much a rule brought.
const A_PAGE = 50;
const MOST_NAMES = 4;

/** Many rows of one rule as one: how many, what they are worth, whose; unfolded, each and all of them can be acted on. */
export function RuleGroupRow(props: { group: RuleGroup; now: Date; others: boolean; named: boolean }) {
  const { group, now, others, named } = props;
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [pages, setPages] = useState(1);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const body = useId();
  const name = useRuleNames().get(group.rule) ?? textOf(group.rows[0] ?? { id: "", version: 0 }, "title");
  const matters = group.rows.map((row): Matter => ({ kind: group.kind, row }));
  // One's own are at hand; what others have is told first and shown when it is asked for.
  const shown = matters.slice(0, open ? pages * A_PAGE : others ? 0 : READ_SINGLY);
  const rows = group.rows.filter((row) => chosen.has(row.id));
  const choose = (ids: string[], isChosen: boolean) =>
    setChosen(new Set(isChosen ? [...chosen, ...ids] : [...chosen].filter((each) => !ids.includes(each))));
  return (
    <li className="work-group" aria-label={name}>
      <button
        type="button"
        className="work-group-head"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={15} strokeWidth={1.8} aria-hidden />
        <span className="work-group-what">
          <b>{name}</b>
          <Figures matters={matters} named={named} />
        </span>
      </button>
      <div id={body}>
        {open && (
          <ManyBar
            kind={group.kind}
            rows={rows}
            others={others}
            all={rows.length === group.rows.length}
            onAll={(isChosen) => choose(isChosen ? group.rows.map((row) => row.id) : [...chosen], isChosen)}
            onDone={() => setChosen(new Set())}
          />
        )}
        <ul>
          {shown.map((matter) => (
            <MatterRow
              key={matter.row.id}
              matter={matter}
              now={now}
              others={others}
              named={named}
              choice={
                open && (
                  <input
                    type="checkbox"
                    aria-label={t("dayChoose", { name: textOf(matter.row, "title") })}
                    checked={chosen.has(matter.row.id)}
                    onChange={(event) => choose([matter.row.id], event.target.checked)}
                  />
                )
              }
            />
          ))}
        </ul>
        {shown.length > 0 && shown.length < matters.length && (
          <button
            type="button"
            className="text-button work-group-more"
            onClick={() => (open ? setPages(pages + 1) : setOpen(true))}
          >
            {t(open ? "dayMoreOf" : "dayRestOf", { count: matters.length - shown.length })}
          </button>
        )}
      </div>
    </li>
  );
}

/** How many, worth how much, whose, and since when the first of them waits. */
function Figures({ matters, named }: { matters: Matter[]; named: boolean }) {
  const { t, say, listed, language } = useWords();
  const rows = matters.map((each) => each.row);
  const amounts = useAmounts(rows);
  const sum = sumOf(amounts, rows);
  const people = peopleOf(matters);
  const told = people.slice(0, MOST_NAMES).map((each) => `${each.person.name ?? t("ownerless")} ${each.count}`);
  const since = matters.map(waitsSince).filter((each) => each !== null);
  const oldest = since.length > 0 ? new Date(Math.min(...since.map(Number))) : undefined;
  return (
    <span className="work-group-figures">
      <span>{t("dayCount", { count: matters.length })}</span>
      {amounts && sum !== undefined && (
        <span className="tabular">
          {say(amounts.field.label)} {valueText(amounts.field, sum, language)}
        </span>
      )}
      {named && (
        <span>
          {listed(told)}
          {people.length > MOST_NAMES && t("dayMorePeople", { count: people.length })}
        </span>
      )}
      {oldest && (
        <span>
          {t("dayOldest")} <Moment at={oldest.toISOString()} />
        </span>
      )}
    </span>
  );
}
