import type { FieldValue } from "../../api/types";
import { useWords } from "../../app/language";
import { narrowed } from "../../meta/drill";
import { type Steps, shortNumber } from "./boards";
import { useDrill } from "./drilling";

/** Stages one under another: the bar tells how many, the last column what came through from the stage before. */
export function FunnelView(props: { names: string[]; values: (number | null)[]; onPick: (index: number) => void }) {
  const { names, values, onPick } = props;
  const { language } = useWords();
  const most = Math.max(1, ...values.map((each) => each ?? 0));
  return (
    <div className="funnel">
      {names.map((name, at) => {
        const value = values[at] ?? 0;
        const before = at === 0 ? null : (values[at - 1] ?? 0);
        const { text, unit } = shortNumber(value, language);
        return (
          <button key={name} type="button" onClick={() => onPick(at)}>
            <span>{name}</span>
            <span className="funnel-track">
              <span style={{ width: `${(value / most) * 100}%` }} />
            </span>
            <b>
              {text}
              {unit}
            </b>
            <span>{before ? `${Math.round((value / before) * 100)}%` : ""}</span>
          </button>
        );
      })}
    </div>
  );
}

/** The same rows at each step; a bar opens into those that came so far (S2-44). */
export function StepsView({ widget, counts }: { widget: Steps; counts: { key: string; n: FieldValue }[] }) {
  const { say } = useWords();
  const drill = useDrill();
  return (
    <FunnelView
      names={widget.steps.map((each) => say(each.label))}
      values={counts.map((each) => Number(each.n))}
      onPick={(at) => drill(widget.object, narrowed(widget.filter, widget.steps[at]?.when))}
    />
  );
}
