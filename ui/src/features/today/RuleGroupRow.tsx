import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { valueText } from "../../meta/Value";
import { ManyBar } from "./ManyBar";
import { MatterRow, type Showing, UrgencyLevel } from "./MatterRow";
import type { Group, Matter } from "./matter";
import { allMatters, useMatters } from "./matters";
import { textOf } from "./tasks";

const MOST_NAMES = 4;

/** Many rows of one rule as one: how many, what they are worth, whose; unfolded, each and all of them can be acted on. */
export function RuleGroupRow({ group, ...showing }: Showing & { group: Group }) {
  const { others = false, named = others } = showing;
  const { t, say } = useWords();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlyMap<string, RecordRow>>(new Map());
  const body = useId();
  const asked = { ...showing.asked, urgency: group.urgency, rule: group.rule ?? "" };
  const list = useMatters(group.kind, asked, open);
  // A rule that is gone has no name any more.
  const name = group.label ? say(group.label) : textOf(group.items[0] ?? { id: "", version: 0 }, "title");
  // One's own are at hand; what others have is told first and shown when it is asked for.
  const atHand = open || !others ? group.items : [];
  const rows = (open && list.data?.pages.flatMap((page) => page.items)) || atHand;
  const choose = (row: RecordRow, isChosen: boolean) => {
    const next = new Map(chosen);
    if (isChosen) next.set(row.id, row);
    else next.delete(row.id);
    setChosen(next);
  };
  const chooseAll = async (isChosen: boolean) => {
    const all = isChosen ? await allMatters(group.kind, asked) : [];
    setChosen(new Map(all.map((row) => [row.id, row])));
  };
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
          <Figures group={group} named={named} />
        </span>
        {others && <UrgencyLevel urgency={group.urgency} words="team" />}
      </button>
      <div id={body}>
        {open && (
          <ManyBar
            kind={group.kind}
            rows={[...chosen.values()]}
            others={others}
            count={group.count}
            onAll={chooseAll}
            onDone={() => setChosen(new Map())}
          />
        )}
        <ul>
          {rows.map((row) => {
            const matter: Matter = { kind: group.kind, row };
            return (
              <MatterRow
                key={row.id}
                matter={matter}
                {...showing}
                choice={
                  open && (
                    <input
                      type="checkbox"
                      aria-label={t("dayChoose", { name: textOf(row, "title") })}
                      checked={chosen.has(row.id)}
                      onChange={(event) => choose(row, event.target.checked)}
                    />
                  )
                }
              />
            );
          })}
        </ul>
        {rows.length > 0 && rows.length < group.count && (
          <button
            type="button"
            className="text-button work-group-more"
            disabled={list.isFetching}
            onClick={() => (open ? void list.fetchNextPage() : setOpen(true))}
          >
            {t(open ? "dayMoreOf" : "dayRestOf", { count: group.count - rows.length })}
          </button>
        )}
      </div>
    </li>
  );
}

/** How many, worth how much, whose, and since when the first of them waits. */
function Figures({ group, named }: { group: Group; named: boolean }) {
  const { t, listed } = useWords();
  const told = group.people.slice(0, MOST_NAMES).map((each) => `${each.label ?? t("ownerless")} ${each.count}`);
  return (
    <span className="work-group-figures">
      <span>{t("dayCount", { count: group.count })}</span>
      <Worth group={group} />
      {named && (
        <span>
          {listed(told)}
          {group.people.length > MOST_NAMES && t("dayMorePeople", { count: group.people.length })}
        </span>
      )}
      {group.since && (
        <span>
          {t("dayOldest")} <Moment at={group.since} />
        </span>
      )}
    </span>
  );
}

/** What the records are worth that they are about. */
function Worth({ group: { worth } }: { group: Group }) {
  const { say, language } = useWords();
  const object = useModel().data?.objects.find((each) => each.key === worth?.object);
  const field = object?.fields.find((each) => each.key === worth?.field);
  if (!worth || !field) return null;
  return (
    <span className="tabular">
      {say(field.label)} {valueText(field, worth.sum, language)}
    </span>
  );
}
