import { Segmented } from "antd";
import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Level } from "../../design/Level";
import { byPerson, countOf, READ_SINGLY, type Share } from "./day";
import { Matters } from "./Matters";
import type { Group } from "./matter";
import { type MattersAsked, OTHERS, useGathered } from "./matters";

type By = "person" | "rule";
const KEPT = "tongmai.team-by";

/** What one's people have in hand, who needs it most first; or by the rules that told of it. */
export function Team({ groups, now }: { groups: Group[]; now: Date }) {
  const { t } = useWords();
  const [by, setBy] = useState<By>(() => (localStorage.getItem(KEPT) === "rule" ? "rule" : "person"));
  const shares = byPerson(groups);
  const count = countOf(groups);
  const choose = (next: By) => {
    localStorage.setItem(KEPT, next);
    setBy(next);
  };
  return (
    <section className="work-block team" aria-label={t("dayTeam")}>
      <h2>
        <b>{t("dayTeam")}</b> {t("dayTeamCount", { count, people: shares.length })}
        <Segmented<By>
          size="small"
          aria-label={t("dayTeamBy")}
          value={by}
          onChange={choose}
          options={[
            { value: "person", label: t("dayByPerson") },
            { value: "rule", label: t("dayByRule") },
          ]}
        />
      </h2>
      <ul>
        {by === "rule" ? (
          <Matters groups={groups} asked={OTHERS} now={now} others />
        ) : (
          shares.map((share) => (
            <PersonRow key={share.person.id} share={share} now={now} startsOpen={count <= READ_SINGLY} />
          ))
        )}
      </ul>
    </section>
  );
}

/** A person with how much waits and since when; unfolded, all of it. */
function PersonRow({ share, now, startsOpen }: { share: Share; now: Date; startsOpen: boolean }) {
  const { t } = useWords();
  const [open, setOpen] = useState(startsOpen);
  const body = useId();
  const asked: MattersAsked = { ...OTHERS, person: share.person.id || "nobody" };
  const groups = [...(useGathered("signal", asked, open).data ?? []), ...(useGathered("task", asked, open).data ?? [])];
  const name = share.person.name ?? t("ownerless");
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
        <i className="avatar" aria-hidden>
          {name.slice(0, 1)}
        </i>
        <span className="work-group-what">
          <b>{name}</b>
          <span className="work-group-figures">
            <span>{t("dayCount", { count: share.count })}</span>
            {share.oldest && (
              <span>
                {t("dayOldest")} <Moment at={share.oldest} />
              </span>
            )}
          </span>
        </span>
        {share.urgent > 0 && <Level level="red">{t("dayUrgentOf", { count: share.urgent })}</Level>}
      </button>
      <ul id={body} hidden={!open}>
        {open && <Matters groups={groups} asked={asked} now={now} others named={false} />}
      </ul>
    </li>
  );
}
