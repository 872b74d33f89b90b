import { Button, Select, Switch } from "antd";
import { Plus } from "lucide-react";
import { useRef } from "react";
import { useWords } from "../../app/language";
import { SortableList } from "../../design/Sortable";
import { type RuleAction, type RuleDef, useDesigns } from "../definitions";
import { At } from "../faults/FaultPlaces";
import { FormulaEditor } from "../formula/FormulaEditor";
import { useCheck, useMatching, useSettled } from "../formula/queries";
import { LabelFields, Line } from "../LabelFields";
import { ActionFields } from "./ActionFields";
import { newAction, newRule, withActions } from "./draft";
import { OutcomeFields } from "./OutcomeFields";
import { TriggerFields } from "./TriggerFields";

/** 当 … 如果 … 则 …, each part with its own inputs. */
export function RuleFields(props: { rule: RuleDef; isNew: boolean; onChange: (rule: RuleDef) => void }) {
  const { rule, isNew, onChange } = props;
  const { t, say } = useWords();
  const designs = useDesigns();
  const keys = useKeys(rule.then.length);
  const set = (part: Partial<RuleDef>) => onChange({ ...rule, ...part });
  const name = say(designs?.objects.find((each) => each.key === rule.object)?.label);
  const act = (actions: RuleAction[]) => onChange(withActions(rule, actions));
  const put = (at: number, action: RuleAction) => act(rule.then.map((each, other) => (other === at ? action : each)));
  const items = rule.then.map((action, at) => ({ action, key: keys.of(at) }));
  return (
    <>
      <dl className="fields">
        <Line label={t("name")} at="label">
          <LabelFields label={rule.label} onChange={(label) => set({ label })} />
        </Line>
        <Line label={t("rule.object")} at="object">
          <Select
            aria-label={t("rule.object")}
            disabled={!isNew}
            style={{ width: "100%" }}
            value={rule.object}
            options={(designs?.objects ?? []).map((each) => ({ value: each.key, label: say(each.label) }))}
            onChange={(object) => onChange({ ...newRule(object), label: rule.label })}
          />
        </Line>
        <Line label={t("rule.enabled")}>
          <Switch
            size="small"
            aria-label={t("rule.enabled")}
            checked={rule.enabled}
            onChange={(enabled) => set({ enabled })}
          />
        </Line>
      </dl>
      <section className="rule-part" aria-label={t("rule.whenWord")}>
        <h2>{t("rule.whenWord")}</h2>
        <At place="when">
          <TriggerFields rule={rule} onChange={(when) => set({ when })} />
        </At>
      </section>
      <section className="rule-part" aria-label={t("rule.ifWord")}>
        <h2>{t("rule.ifWord")}</h2>
        <div className="stack">
          <FormulaEditor
            object={rule.object}
            at="if"
            label={t("rule.if", { name })}
            expect="boolean"
            tried
            placeholder={t("rule.ifPlaceholder")}
            value={rule.if ?? ""}
            onChange={(text) => set({ if: text })}
          />
          <Matching object={rule.object} condition={rule.if} />
        </div>
      </section>
      <section className="rule-part" aria-label={t("rule.thenWord")}>
        <h2>{t("rule.thenWord")}</h2>
        <div className="stack actions">
          <SortableList
            items={items}
            idOf={(each) => each.key}
            labelOf={(each) => t("moveOf", { name: t(`rule.act.${each.action.kind}`) })}
            onOrder={(ordered) => {
              keys.set(ordered.map((each) => each.key));
              act(ordered.map((each) => each.action));
            }}
            render={(each, at) => (
              <At place={`then.${at}`}>
                <ActionFields
                  object={rule.object}
                  number={at + 1}
                  action={each.action}
                  onChange={(action) => put(at, action)}
                  onRemove={
                    rule.then.length === 1
                      ? undefined
                      : () => {
                          keys.drop(at);
                          act(rule.then.filter((_, other) => other !== at));
                        }
                  }
                />
              </At>
            )}
          />
          <div>
            <Button
              size="small"
              icon={<Plus size={13} aria-hidden />}
              disabled={rule.then.length >= 20}
              onClick={() => act([...rule.then, newAction("task")])}
            >
              {t("rule.addAction")}
            </Button>
          </div>
        </div>
      </section>
      <section className="rule-part" aria-label={t("rule.outcomeWord")}>
        <h2>{t("rule.outcomeWord")}</h2>
        <div className="stack">
          <OutcomeFields object={rule.object} wanted={rule} onWanted={set} at="outcome" />
        </div>
      </section>
    </>
  );
}

function Matching({ object, condition }: { object: string; condition: string | null }) {
  const { t, say } = useWords();
  const designs = useDesigns();
  const settled = useSettled(condition, 500);
  const right = useCheck(object, settled ?? "", "boolean").data?.ok === true;
  const matching = useMatching(right ? object : "", settled);
  if (!right || matching.data === undefined || matching.error) return null;
  const name = say(designs?.objects.find((each) => each.key === object)?.label);
  return <p className="lead">{t("rule.matching", { count: matching.data, name })}</p>;
}

/** What each action is known by while it is moved: the definition gives it no key. */
function useKeys(count: number) {
  const kept = useRef<string[]>([]);
  while (kept.current.length < count) kept.current.push(crypto.randomUUID());
  return {
    of: (at: number) => kept.current[at] ?? String(at),
    set: (keys: string[]) => {
      kept.current = keys;
    },
    drop: (at: number) => {
      kept.current = kept.current.filter((_, other) => other !== at);
    },
  };
}
