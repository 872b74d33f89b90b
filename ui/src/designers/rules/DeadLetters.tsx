import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { Problem } from "../../api/client";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { Level } from "../../design/Level";
import { useDesigns } from "../definitions";
import { useDeadLetters, useSendAgain } from "./queries";

/** What rules could not do, with the reason; a person mends it and runs it again. Nothing is shown where all was done. */
export function DeadLetters({ rule }: { rule?: string }) {
  const { t, say } = useWords();
  const { notification } = App.useApp();
  const designs = useDesigns();
  const letters = useDeadLetters(rule).data?.items ?? [];
  const again = useSendAgain();
  if (letters.length === 0) return null;
  const send = (key: string) =>
    again.mutate(key, {
      onError: (error) => {
        if (error instanceof Problem) notification.error({ title: error.message });
      },
    });
  return (
    <section className="design-list">
      <h2>
        <Level level="red">{t("rule.dead", { count: letters.length })}</Level>
      </h2>
      <ul>
        {letters.map((each) => (
          <li key={each.key} className="dead-letter">
            <span className="design-what">
              <b>{say(designs?.rules.find((known) => known.key === each.rule)?.label) || each.rule}</b>
              <span className="blank">{t(`rule.act.${each.action}`)}</span>
              <Link {...wayToRecord(each.object, each.id)}>{t("rule.record")}</Link>
              <p className="fault">
                {each.error}
                {` · ${t("rule.attempts", { count: each.attempts })}`}
              </p>
            </span>
            <Button
              size="small"
              loading={again.isPending && again.variables === each.key}
              onClick={() => send(each.key)}
            >
              {t("rule.again")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
