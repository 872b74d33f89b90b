import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Switch } from "antd";
import { Plus } from "lucide-react";
import { useWords } from "../../app/language";
import { momentText } from "../../app/moments";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { AskedChange, useChange } from "../change/asking";
import { DesignerList } from "../DesignerList";
import "../designers.css";
import { labelOf, type RuleDef, useDesigns } from "../definitions";
import { DeadLetters } from "./DeadLetters";
import { newRule } from "./draft";
import { LocksHeld } from "./LocksHeld";
import { type RuleStanding, useStandings } from "./queries";
import { RuleBuilder } from "./RuleBuilder";
import { ruleSentence } from "./sentence";

/** The rules in sentences, with how each stands; one of them, or a new one, in the builder. */
export function RulesPage() {
  const { t, say } = useWords();
  const designs = useDesigns();
  const asked = useSearch({ from: "/build/rules" }).item;
  const navigate = useNavigate({ from: "/build/rules" });
  const standings = useStandings().data?.items ?? [];
  const change = useChange();
  if (designs === undefined) return null;
  const show = (item?: string) => void navigate({ search: item === undefined ? {} : { item } });
  const object = designs.objects.find((each) => !each.builtin)?.key ?? "";
  const saved = designs.rules.find((each) => each.key === asked);
  // What is no more shows the list.
  if (saved !== undefined || asked === "new") {
    return <RuleBuilder key={asked} saved={saved} start={saved ?? newRule(object)} onClose={() => show()} />;
  }
  const turn = (rule: RuleDef, enabled: boolean) =>
    change.ask({
      title: t(enabled ? "rule.turnOn" : "rule.turnOff", { name: say(rule.label) }),
      actions: [{ action: "change_rule", before: rule, after: { ...rule, enabled } }],
    });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("rules")}</PageTitle>
        <span className="gap" />
        <Button type="primary" icon={<Plus size={14} aria-hidden />} onClick={() => show("new")}>
          {t("rule.add")}
        </Button>
      </header>
      <div className="page designs">
        {designs.rules.length === 0 && <Empty title={t("rule.none")} lead={t("rule.noneLead")} />}
        {designs.rules.length > 0 && (
          <DesignerList
            items={designs.rules}
            onOpen={(rule) => show(rule.key)}
            render={(rule) => <Described rule={rule} standing={standings.find((each) => each.rule === rule.key)} />}
            aside={(rule) => (
              <Switch
                size="small"
                aria-label={t("rule.enabledOf", { name: say(rule.label) })}
                checked={rule.enabled}
                onChange={(enabled) => turn(rule, enabled)}
              />
            )}
          />
        )}
        <DeadLetters />
        <LocksHeld />
      </div>
      <AskedChange change={change} />
    </>
  );
}

function Described({ rule, standing }: { rule: RuleDef; standing: RuleStanding | undefined }) {
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const sentence = ruleSentence(rule, designs, language, t);
  return (
    <>
      <b>{say(rule.label)}</b>
      <span className="blank">{say(labelOf(designs, rule.object))}</span>
      {!rule.enabled && <span className="chip">{t("rule.off")}</span>}
      {standing?.error && <Level level="red">{t("rule.failed")}</Level>}
      <p>
        {t("rule.startsWhen")}
        {sentence.when}
        {sentence.if && (
          <>
            {t("rule.comma")}
            <span className="condition" title={rule.if ?? undefined}>
              {sentence.if}
            </span>
          </>
        )}
        {t("rule.then")}
        {sentence.does.join(t("rule.and"))}
      </p>
      {standing && (
        <p className="standing">
          {standing.last_fired
            ? t("rule.lastFired", {
                when: momentText(new Date(standing.last_fired), language),
              })
            : t("rule.neverFired")}
          {" · "}
          {t("rule.openEpisodes", { count: standing.open_episodes })}
          {" · "}
          {t("rule.firings", { count: standing.firings })}
          {standing.dead > 0 && ` · ${t("rule.deadCount", { count: standing.dead })}`}
        </p>
      )}
      {standing?.error && <p className="fault">{standing.error}</p>}
    </>
  );
}
