import { Link } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { ClassLevel, Reasons } from "./Reasons";
import { type SegmentShown, useMoves } from "./segments";

/** Who moved from which class to which, when and why; the latest first. */
export function Moves({ segment, data }: { segment: string; data: SegmentShown }) {
  const { t } = useWords();
  const moves = useMoves(segment, data.object);
  const classOf = (key: string | null) => data.classes.find((each) => each.key === key);
  if (moves.data?.length === 0) return <p className="lead">{t("movesNothing")}</p>;
  return (
    <ul className="class-moves">
      {(moves.data ?? []).map((each) => {
        const to = classOf(each.to);
        return (
          <li key={each.seq}>
            <Link {...wayToRecord(data.object, each.id)}>{each.label ?? "—"}</Link>
            <span className="move-way">
              {classOf(each.from)?.label ?? t("noClass")} → {to ? <ClassLevel of={to} /> : t("noClass")}
            </span>
            <span className="when">
              <Moment at={each.at} />
            </span>
            <Reasons reason={each.reason} object={data.object} />
          </li>
        );
      })}
    </ul>
  );
}
