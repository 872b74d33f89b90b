import { Button, Segmented } from "antd";
import { History } from "lucide-react";
import { useState } from "react";
import { useWords } from "../../app/language";
import type { ModelAction } from "../change/action";
import { AskedChange, useDraftChange } from "../change/asking";
import { DesignerBar } from "../DesignerBar";
import { labelOf, type RuleDef, useDesigns } from "../definitions";
import { FaultPlaces, Refused } from "../faults/FaultPlaces";
import { useMatchingOwners } from "../formula/queries";
import { TryOnPast } from "./backtest/TryOnPast";
import { finished, lacks } from "./draft";
import { RuleExplained } from "./RuleExplained";
import { RuleFields } from "./RuleFields";
import { RuleLog } from "./RuleLog";
import { ruleSentence } from "./sentence";

type Tab = "design" | "past" | "log";

/** A rule in sentences; tried on the past before it is put into force; what it did since. */
export function RuleBuilder(props: { saved: RuleDef | undefined; start: RuleDef; onClose: () => void }) {
  const { saved, start, onClose } = props;
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const [first] = useState(start);
  const [rule, setRule] = useState(first);
  const [tab, setTab] = useState<Tab>("design");
  const change = useDraftChange(rule !== first, onClose);
  if (designs === undefined) return null;
  const missing = lacks(rule);
  const after = finished(
    rule,
    designs.rules.map((each) => each.key),
  );
  const ask = (action: ModelAction) => change.ask({ title: say(rule.label), actions: [action] });
  const save = () =>
    ask(saved === undefined ? { action: "add_rule", rule: after } : { action: "change_rule", before: saved, after });
  const sentence = ruleSentence(rule, designs, language, t);
  return (
    <FaultPlaces draft={rule} onRefused={() => setTab("design")}>
      <DesignerBar title={saved ? say(saved.label) : t("rule.add")} onBack={onClose}>
        {saved && <Button onClick={() => ask({ action: "remove_rule", rule: saved.key })}>{t("delete")}</Button>}
        <Button icon={<History size={14} aria-hidden />} disabled={missing.length > 0} onClick={() => setTab("past")}>
          {t("past.try")}
        </Button>
        <Button type="primary" disabled={missing.length > 0} onClick={save}>
          {t("preview")}
        </Button>
      </DesignerBar>
      <div className="bar tools">
        <Segmented<Tab>
          aria-label={t("rule.parts")}
          value={tab}
          options={[
            { value: "design", label: t("rule.tab.design") },
            { value: "past", label: t("rule.tab.past") },
            ...(saved ? [{ value: "log" as const, label: t("rule.tab.log") }] : []),
          ]}
          onChange={setTab}
        />
      </div>
      <div className="page">
        {/* What was tried stays while the rule is mended. */}
        <div hidden={tab !== "design"} className="designer">
          <div className="designer-main">
            <Refused />
            <RuleFields rule={rule} isNew={saved === undefined} onChange={setRule} />
          </div>
          <aside className="designer-aside">
            <h2>{t("rule.reads")}</h2>
            <div className="sentence-parts">
              <p>
                <b>{t("rule.whenWord")}</b> {sentence.when}
              </p>
              {sentence.if && (
                <p>
                  <b>{t("rule.ifWord")}</b> {sentence.if}
                </p>
              )}
              {sentence.does.map((each, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: actions have no key, and two may read the same
                <p key={at}>
                  <b>{t("rule.thenWord")}</b> {each}
                </p>
              ))}
            </div>
            {missing.length > 0 && (
              <ul className="missing">
                {missing.map((each) => (
                  <li key={each}>{t(each)}</li>
                ))}
              </ul>
            )}
            {saved && <RuleExplained rule={saved} />}
          </aside>
        </div>
        <div hidden={tab !== "past"}>
          {missing.length > 0 ? (
            <ul className="missing">
              {missing.map((each) => (
                <li key={each}>{t(each)}</li>
              ))}
            </ul>
          ) : (
            <TryOnPast
              object={rule.object}
              tried={{ rule: after }}
              live={saved}
              wanted={rule}
              onWanted={(part) => setRule((before) => ({ ...before, ...part }))}
            />
          )}
        </div>
        {tab === "log" && saved && <RuleLog rule={saved} />}
      </div>
      <AskedChange change={change}>
        {change.asked?.actions[0]?.action !== "remove_rule" && <Concerned rule={after} />}
      </AskedChange>
    </FaultPlaces>
  );
}

/** Whom the rule would concern as things stand. */
function Concerned({ rule }: { rule: RuleDef }) {
  const { t, say } = useWords();
  const designs = useDesigns();
  const owners = useMatchingOwners(rule.object, rule.if);
  if (owners.data === undefined || rule.if === null) return null;
  const name = say(labelOf(designs, rule.object));
  const total = owners.data.reduce((sum, each) => sum + each.count, 0);
  if (total === 0) return <p>{t("rule.concernedNobody", { name })}</p>;
  return (
    <section className="impact">
      <p>{t("rule.concerned", { count: total, name })}</p>
      <ul>
        {owners.data.map((each) => (
          <li key={each.owner ?? ""}>
            {t("rule.countOf", { name: each.owner ?? t("past.noOwner"), count: each.count })}
          </li>
        ))}
      </ul>
    </section>
  );
}
