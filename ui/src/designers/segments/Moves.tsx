import { Link } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { seenText } from "../../meta/seen";
import { namedFields, type SegmentDef, useDesigns } from "../definitions";
import { ClassChip } from "./ClassChip";
import { useMoves } from "./queries";

/** Who moved when, from which class to which, and the values that decided it. */
export function Moves({ segment }: { segment: SegmentDef }) {
  const { t, say, language } = useWords();
  const fields = namedFields(useDesigns(), segment.object);
  const moves = useMoves(segment.key).data?.items ?? [];
  const chip = (key: string | null) => {
    const found = segment.classes.find((each) => each.key === key);
    return found ? <ClassChip colour={found.colour}>{say(found.label)}</ClassChip> : <span className="blank">—</span>;
  };
  return (
    <section className="moves">
      <h2>{t("segment.moves")}</h2>
      {moves.length === 0 && <p className="lead">{t("segment.noMoves")}</p>}
      <ul>
        {moves.map((move) => (
          <li key={move.seq}>
            <Link {...wayToRecord(segment.object, move.id)}>{move.label || "—"}</Link> {chip(move.from)} →{" "}
            {chip(move.to)}
            <p>
              <Moment at={move.at} />
              {seenText(move.reason, fields, language)}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
