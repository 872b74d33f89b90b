import { useWords } from "../../app/language";
import type { SegmentClass } from "../definitions";

/** One bar of all records, cut by class; the numbers stand in words beside it. */
export function Distribution({ classes, counts }: { classes: SegmentClass[]; counts: number[] }) {
  const { say } = useWords();
  const total = counts.reduce((sum, each) => sum + each, 0);
  const words = classes.map((each, at) => `${say(each.label)} ${counts[at] ?? 0}`).join("、");
  return (
    <span className="distribution" role="img" aria-label={words}>
      {classes.map((each, at) => (
        <i
          key={each.key}
          data-colour={each.colour}
          title={`${say(each.label)} ${counts[at] ?? 0}`}
          style={{ flexGrow: total === 0 ? 0 : (counts[at] ?? 0) }}
        />
      ))}
    </span>
  );
}
