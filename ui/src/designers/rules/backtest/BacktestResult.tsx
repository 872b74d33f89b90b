import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useWords } from "../../../app/language";
import { wayToRecord } from "../../../app/record-way";
import { seenText } from "../../../meta/seen";
import { namedFields, type SegmentDef, useDesigns } from "../../definitions";
import type { Phrases } from "../../metrics/sentence";
import { ClassChip } from "../../segments/ClassChip";
import { whoPhrase } from "../sentence";
import { HitsChart } from "./HitsChart";
import type { Hit, Outcome, Result, Version } from "./queries";

/** What came of a run: how often, for whom, how much work, and what followed beside what happens anyway. */
export function BacktestResult({ result, segment }: { result: Result; segment?: SegmentDef }) {
  const { t, language } = useWords();
  const days = result.days.length;
  return (
    <section className="past-result" aria-label={t("past.result")}>
      {result.notes.map((note) => {
        const text = note[language];
        return (
          <p key={text} className="hint">
            {text}
          </p>
        );
      })}
      <div className="tiles">
        <Tile
          label={t("past.hits")}
          value={whole(result.hits)}
          note={t("past.hitsNote", { count: result.records, days })}
          {...(result.against ? { against: whole(result.against.hits) } : {})}
        />
        <Tile
          label={t("past.work")}
          value={decimal(result.workload.per_person_and_day)}
          note={t("past.workNote", { count: result.workload.most_for_one_on_a_day })}
          {...(result.against ? { against: decimal(result.against.workload.per_person_and_day) } : {})}
        />
        {result.outcome && <OutcomeTiles outcome={result.outcome} against={result.against?.outcome ?? undefined} />}
      </div>
      <h2>{t("past.byDay")}</h2>
      <HitsChart days={result.days} against={result.against?.days} />
      {result.comparison && (
        <p className="lead">
          {t("past.comparison", {
            first: result.comparison.only_first,
            second: result.comparison.only_second,
            both: result.comparison.both,
          })}
        </p>
      )}
      {segment && <MovesBetween version={result} segment={segment} />}
      <div className="two-columns">
        <div>
          <h2>{t("past.people")}</h2>
          <Workload version={result} object={result.object} />
        </div>
        <div>
          <h2>{t("past.sample")}</h2>
          <Sample hits={result.sample} object={result.object} judged={result.outcome !== null} />
        </div>
      </div>
      <p className="lead" title={result.why[language]}>
        {t("past.took", { seconds: result.seconds, engine: result.engine })}
      </p>
    </section>
  );
}

function OutcomeTiles({ outcome, against }: { outcome: Outcome; against: Outcome | undefined }) {
  const { t } = useWords();
  return (
    <>
      <Tile
        label={t("past.precision")}
        value={percent(outcome.precision)}
        note={besideChance(outcome, t)}
        detail={t("past.decided", { count: outcome.decided, came: outcome.came_true, waiting: outcome.waiting })}
        {...(against ? { against: percent(against.precision) } : {})}
      />
      <Tile
        label={t("past.recall")}
        value={percent(outcome.recall)}
        note={t("past.recallNote", { turns: outcome.turns, foretold: outcome.foretold })}
        {...(against ? { against: percent(against.recall) } : {})}
      />
      <Tile
        label={t("past.leadTime")}
        value={outcome.median_lead_days === null ? "—" : decimal(outcome.median_lead_days)}
        unit={outcome.median_lead_days === null ? "" : t("unit.days")}
        note={t("past.leadNote")}
        {...(against ? { against: against.median_lead_days === null ? "—" : decimal(against.median_lead_days) } : {})}
      />
    </>
  );
}

/** A share of hits says little by itself: beside it stands what happens anyway. */
function besideChance(outcome: Outcome, t: Phrases): string {
  const base = percent(outcome.base_rate);
  if (outcome.lift === null) return t("past.base", { base });
  return outcome.lift > 1 ? t("past.better", { base, lift: outcome.lift.toFixed(1) }) : t("past.worse", { base });
}

function Tile(props: { label: string; value: string; unit?: string; note: string; detail?: string; against?: string }) {
  const { label, value, unit, note, detail, against } = props;
  const { t } = useWords();
  return (
    <div className="tile">
      <span>{label}</span>
      <b>
        {value}
        {unit && <small> {unit}</small>}
      </b>
      <p>{note}</p>
      {detail && <p>{detail}</p>}
      {against !== undefined && <p>{t("past.live", { value: against })}</p>}
    </div>
  );
}

/** How often records went from which class to which. */
function MovesBetween({ version, segment }: { version: Version; segment: SegmentDef }) {
  const { say } = useWords();
  const chip = (key: string | null) => {
    const found = segment.classes.find((each) => each.key === key);
    return found ? <ClassChip colour={found.colour}>{say(found.label)}</ClassChip> : <span className="blank">—</span>;
  };
  return (
    <ul className="moves-between">
      {version.moves.map((move) => (
        <li key={`${move.from}${move.to}`}>
          {chip(move.from)} → {chip(move.to)} <b>{move.count}</b>
        </li>
      ))}
    </ul>
  );
}

function Workload({ version, object }: { version: Version; object: string }) {
  const { t } = useWords();
  const named = useAddressed(object);
  const { people } = version.workload;
  if (people.length === 0) return <p className="lead">{t("past.nobody")}</p>;
  const most = Math.max(...people.map((each) => each.hits));
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>{t("past.person")}</th>
          <th className="number">{t("past.hits")}</th>
          <th className="number">{t("past.perDay")}</th>
          <th className="number">{t("past.most")}</th>
        </tr>
      </thead>
      <tbody>
        {people.slice(0, 20).map((each) => (
          <tr key={each.person}>
            <td>
              {each.label ?? named(each.person)}
              <i className="share" style={{ width: `${(each.hits / most) * 100}%` }} aria-hidden />
            </td>
            <td className="number">{each.hits}</td>
            <td className="number">{decimal(each.per_day)}</td>
            <td className="number">{each.most}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who is told otherwise than by a person's name: the superior or a role, whoever that is; nobody without an owner. */
function useAddressed(object: string): (who: string) => string {
  const { t, language } = useWords();
  const designs = useDesigns();
  return (who) => {
    if (who === "nobody") return t("past.noOwner");
    return /^(superior|owner|role:)/.test(who) ? whoPhrase(who, object, designs, language, t) : who;
  };
}

/** Some hits; whether they came true is told where it was asked. */
function Sample({ hits, object, judged }: { hits: Hit[]; object: string; judged: boolean }) {
  const { t, language } = useWords();
  const named = useAddressed(object);
  const fields = namedFields(useDesigns(), object);
  if (hits.length === 0) return <p className="lead">{t("past.noHits")}</p>;
  const outcome = (came: boolean | null): ReactNode =>
    came === null ? <span className="chip">{t("past.open")}</span> : <Came came={came} />;
  return (
    <ul className="sample">
      {hits.slice(0, 30).map((hit) => (
        <li key={`${hit.record}${hit.at}`}>
          <div>
            <Link {...wayToRecord(object, hit.record)}>{hit.label ?? t("rule.record")}</Link>{" "}
            {judged && outcome(hit.came_true)}
          </div>
          <p>
            {new Date(`${hit.day}T00:00:00`).toLocaleDateString(language === "zh" ? "zh-CN" : "en")}
            {hit.people.length > 0 && ` · ${hit.people.map(named).join("、")}`}
            {seenText({ seen: hit.seen }, fields, language)}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Came({ came }: { came: boolean }) {
  const { t } = useWords();
  return (
    <span className="chip" data-colour={came ? "green" : undefined}>
      {came ? "✓ " : "✕ "}
      {t(came ? "past.came" : "past.cameNot")}
    </span>
  );
}

const whole = (given: number) => given.toLocaleString();
const decimal = (given: number) => given.toLocaleString(undefined, { maximumFractionDigits: 2 });
const percent = (given: number | null) =>
  given === null ? "—" : `${(given * 100).toLocaleString(undefined, { maximumFractionDigits: 1 })}%`;
