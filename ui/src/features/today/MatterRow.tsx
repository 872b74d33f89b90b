import type { ReactNode } from "react";
import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import { SignalRow } from "../signals/SignalRow";
import type { Matter, Urgency } from "./matter";
import type { MattersAsked } from "./matters";
import { TaskRow } from "./TaskRow";

/** How matters are shown. `others`: they are in other people's hands, and asked about, not done for them. */
export interface Showing {
  asked: MattersAsked;
  now: Date;
  others?: boolean;
  named?: boolean;
}

/** A task or a signal as a row. */
export function MatterRow(props: Showing & { matter: Matter; choice?: ReactNode }) {
  const { matter, now, others = false, named = others, choice } = props;
  return matter.kind === "signal" ? (
    <SignalRow signal={matter.row} named={named} choice={choice} />
  ) : (
    <TaskRow task={matter.row} now={now} named={named} choice={choice} mine={!others} />
  );
}

const LEVELS = { now: "red", soon: "yellow", later: "green" } as const;
const WORDS = {
  mine: { now: "needsNow", soon: "needsToday", later: "needsLater" },
  team: { now: "urgencyNow", soon: "urgencySoon", later: "urgencyLater" },
} as const;

/** An urgency by shape and word: to who has it in hand, or of what others have. */
export function UrgencyLevel({ urgency, words = "mine" }: { urgency: Urgency; words?: keyof typeof WORDS }) {
  const { t } = useWords();
  return <Level level={LEVELS[urgency]}>{t(WORDS[words][urgency])}</Level>;
}
