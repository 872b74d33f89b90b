import { Link } from "@tanstack/react-router";
import { useWords } from "../../app/language";
import { dayText } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { plainWords } from "../../meta/plain-words";
import { ClassLevel, Reasons, whenOf } from "./Reasons";
import type { SegmentShown } from "./segments";

/** Who is in the class, since when and why; the latest first. What all of a class have in common is said once. */
export function Members({ data, isAll }: { data: SegmentShown; isAll: boolean }) {
  const { t, language } = useWords();
  if (data.members.length === 0) return <p className="lead">{t("classEmpty")}</p>;
  const common = isAll ? null : commonOf(data.members.map((each) => whenOf(each.reason)));
  return (
    <>
      {common !== null && <p className="class-reason">{t("classWhen", { words: plainWords(common, language) })}</p>}
      <ul className="class-members">
        {data.members.map((each) => {
          const of = data.classes.find((one) => one.key === each.class);
          return (
            <li key={each.id}>
              <Link {...wayToRecord(data.object, each.id)}>{each.label ?? "—"}</Link>
              {isAll && of && <ClassLevel of={of} />}
              <span className="when">{t("sinceDay", { day: dayText(new Date(each.since), language) })}</span>
              <Reasons reason={each.reason} object={data.object} bare={whenOf(each.reason) === common} />
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** The condition that all entered by; null where some entered by another, as before the table was changed. */
function commonOf(conditions: (string | null)[]): string | null {
  const [first = null] = conditions;
  return conditions.every((each) => each === first) ? first : null;
}
