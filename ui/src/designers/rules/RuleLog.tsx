import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";
import { Empty } from "../../design/Empty";
import { seenText } from "../../meta/seen";
import { namedFields, type RuleDef, useDesigns } from "../definitions";
import { DeadLetters } from "./DeadLetters";
import { type Fired, useLog } from "./queries";

/** What the rule did: for whom, when, seeing which values, and what came of each action. */
export function RuleLog({ rule }: { rule: RuleDef }) {
  const { t } = useWords();
  const log = useLog(rule.key);
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  if (log.error instanceof Problem) return <p className="fault">{log.error.message}</p>;
  if (log.isSuccess && items.length === 0)
    return <Empty title={t("rule.logNothing")} lead={t("rule.logNothingLead")} />;
  return (
    <div className="designs">
      <DeadLetters rule={rule.key} />
      <ul className="log">
        {items.map((each) => (
          <LogLine key={each.firing} fired={each} rule={rule} />
        ))}
      </ul>
      {log.hasNextPage && <Button onClick={() => void log.fetchNextPage()}>{t("more")}</Button>}
    </div>
  );
}

function LogLine({ fired, rule }: { fired: Fired; rule: RuleDef }) {
  const { t, language } = useWords();
  const fields = namedFields(useDesigns(), rule.object);
  return (
    <li>
      <div>
        <Link {...wayToRecord(rule.object, fired.id)}>{fired.label ?? "—"}</Link>
        <span className="blank">
          {" "}
          <Moment at={fired.at} />
        </span>
        {fired.ended_at && (
          <span className="blank">
            {" → "}
            <Moment at={fired.ended_at} />
          </span>
        )}
        {fired.held && <span className="chip">{t(`rule.held.${fired.held}`)}</span>}
      </div>
      <p>
        {seenText({ seen: fired.seen }, fields, language).replace(" · ", "")}
        <span className="blank">{` · ${t("rule.byVersion", { version: fired.version })}`}</span>
      </p>
      <p>
        {fired.actions.map((each) => (
          <span
            key={each.key}
            className="chip"
            data-colour={each.state === "dead" ? "red" : undefined}
            title={each.error?.[language]}
          >
            {t(`rule.act.${each.action}`)} · {t(`rule.state.${each.state}`)}
          </span>
        ))}
      </p>
    </li>
  );
}
