import { lazy, Suspense } from "react";
import { withWords } from "../../app/language";
import { SignalRow } from "../signals/SignalRow";
import "./day.css";
import { byRule, isGroup, type Matter } from "./day";
import { TaskRow } from "./TaskRow";

const RuleGroupRow = lazy(withWords(() => import("./RuleGroupRow").then((found) => ({ default: found.RuleGroupRow }))));

/** Tasks and signals as rows; many of one rule stand as one that unfolds. `others`: they are in other people's hands. */
export function Matters(props: { matters: Matter[]; now: Date; others?: boolean; named?: boolean }) {
  const { matters, now, others = false, named = others } = props;
  return byRule(matters).map((each) =>
    isGroup(each) ? (
      <Suspense key={`${each.kind} ${each.rule}`} fallback={null}>
        <RuleGroupRow group={each} now={now} others={others} named={named} />
      </Suspense>
    ) : (
      <MatterRow key={each.row.id} matter={each} now={now} others={others} named={named} />
    ),
  );
}

/** One of them. What others have in hand is asked about, not done for them. */
export function MatterRow(props: {
  matter: Matter;
  now: Date;
  others: boolean;
  named: boolean;
  choice?: React.ReactNode;
}) {
  const { matter, now, others, named, choice } = props;
  return matter.kind === "signal" ? (
    <SignalRow signal={matter.row} named={named} choice={choice} />
  ) : (
    <TaskRow task={matter.row} now={now} named={named} choice={choice} mine={!others} />
  );
}
