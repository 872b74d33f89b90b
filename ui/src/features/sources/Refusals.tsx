import { inWords } from "../../api/in-words";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import {
  type Refusal,
  type SourceState,
  streamName,
  useDefinitions,
  useFieldNames,
  useMappingName,
  useRefusals,
} from "./queries";

/** What is not in, each with its reason and what it was: rows, and calls and sign-ins that were not let in. */
export function Refusals({ source }: { source: SourceState }) {
  const { t } = useWords();
  const refusals = useRefusals(source.key);
  const { mappings } = useDefinitions();
  const named = useFieldNames();
  const nameOf = (mapping: string | null, field: string) =>
    named(mappings.find((each) => each.key === mapping)?.object ?? "", field);
  if (refusals.data?.length === 0) return <p className="blank">{t("refusalsNothing")}</p>;
  return (
    <ul className="runs">
      {(refusals.data ?? []).map((each) => (
        <li key={`${each.stream} ${each.mapping} ${each.key}`}>
          {isDoor(each) ? <AtTheDoor of={each} /> : <OfStream of={each} source={source} />}
          {each.faults.map((fault) => (
            <p key={`${fault.code}${fault.field}`} className="fault">
              {fault.field && !isDoor(each) && t("saidOf", { name: nameOf(each.mapping, fault.field) })}
              {inWords(fault)}
            </p>
          ))}
          {each.body !== null && (
            <details>
              <summary>{t("rawRow")}</summary>
              <pre>{JSON.stringify(each.body, null, 2)}</pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Nothing of the source's: who knocked, by what reason he was not let in. */
const isDoor = ({ stream }: Refusal) => stream === "_call" || stream === "_sign_in";

function AtTheDoor({ of }: { of: Refusal }) {
  const { t } = useWords();
  const { times, since } = (of.body ?? {}) as { times?: number; since?: string };
  return (
    <>
      <b>{t(`refusedAt${of.stream}`)}</b>
      <span className="blank">
        {t("refusedTimes", { count: times ?? 1 })}
        {since !== undefined && since !== of.at && (
          <>
            {" · "}
            <Moment at={since} /> –
          </>
        )}{" "}
        <Moment at={of.at} />
      </span>
    </>
  );
}

// Keys that stand for no row: what is said of all of them, and of the columns that tell them apart.
const WHOLE = ["*", "#"];

function OfStream({ of, source }: { of: Refusal; source: SourceState }) {
  const { t } = useWords();
  const nameOf = useMappingName();
  return (
    <>
      <b>{WHOLE.includes(of.key) ? t("wholeStream") : of.key}</b>
      <span className="blank">
        {of.mapping === null ? streamName(source, of.stream) : nameOf(of.mapping)} · <Moment at={of.at} />
      </span>
    </>
  );
}
