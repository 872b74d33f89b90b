import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { momentText } from "../../app/moments";
import { namesIn } from "../../meta/names";
import { plainWords } from "../../meta/plain-words";
import { seenText } from "../../meta/seen";
import { labelOf, namedFields, type RuleDef, useDesigns } from "../definitions";
import { RecordPicker } from "../RecordPicker";

/** Why the rule in force hits a record or does not: each part of its condition, and the values that were seen. */
export function RuleExplained({ rule }: { rule: RuleDef }) {
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const [record, setRecord] = useState<string>();
  const found = useQuery({
    queryKey: ["rules", "explain", rule.key, record],
    queryFn: () =>
      told(
        api.POST("/api/rules/{rule}/explain", { params: { path: { rule: rule.key } }, body: { record: record ?? "" } }),
      ),
    enabled: record !== undefined,
    retry: false,
  });
  const seen = found.data ? seenText({ seen: found.data.seen }, namedFields(designs, rule.object), language) : "";
  return (
    <section className="explained">
      <h2>{t("rule.explained")}</h2>
      <RecordPicker
        object={rule.object}
        label={t("rule.explainPick", { name: say(labelOf(designs, rule.object)) })}
        value={record}
        onChange={setRecord}
      />
      {found.error instanceof Problem && <p className="fault">{found.error.message}</p>}
      {found.data && (
        <>
          <p>
            <Sign holds={found.data.holds} yes={t("rule.hits")} no={t("rule.misses")} />
            {found.data.episode_since && (
              <span className="lead">
                {" "}
                {t("rule.since", { when: momentText(new Date(found.data.episode_since), language) })}
              </span>
            )}
          </p>
          <ul className="parts">
            {found.data.parts?.map((part) => (
              <li key={part.text}>
                <span title={part.text}>
                  {plainWords(part.text, language, namesIn(designs, rule.object, language))}
                </span>
                <Sign holds={part.holds} yes={t("rule.part.holds")} no={t("rule.part.fails")} />
              </li>
            ))}
          </ul>
          {seen && <p className="lead">{seen.replace(" · ", "")}</p>}
          <p className="lead small">{t("rule.explainSaved")}</p>
        </>
      )}
    </section>
  );
}

function Sign({ holds, yes, no }: { holds: boolean; yes: string; no: string }) {
  return (
    <span className="chip" data-colour={holds ? "green" : undefined}>
      {holds ? `✓ ${yes}` : `✕ ${no}`}
    </span>
  );
}
