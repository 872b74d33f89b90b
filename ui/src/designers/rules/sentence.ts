import type { Label, Model } from "../../api/types";
import type { Language } from "../../app/language";
import { inBraces, namesIn } from "../../meta/names";
import { plainWords } from "../../meta/plain-words";
import {
  type ActionOf,
  type Designs,
  labelOf,
  type RuleAction,
  type RuleDef,
  type Span,
  type Trigger,
} from "../definitions";
import { type Phrases, pathText } from "../metrics/sentence";
import { readCron } from "./cron";
import { relationsOf } from "./relations";

/** A rule in three sentences: when, if, then. */
export interface Sentence {
  when: string;
  if: string | null;
  does: string[];
}

export function ruleSentence(rule: RuleDef, designs: Designs | undefined, language: Language, t: Phrases): Sentence {
  return {
    when: triggerPhrase(rule.when, rule.object, designs, language, t),
    if: rule.if && plainWords(rule.if, language, namesIn(designs, rule.object, language)),
    does: rule.then.map((action) => actionPhrase(action, rule.object, designs, language, t)),
  };
}

const joined = (parts: string[], language: Language) => parts.join(language === "zh" ? "、" : ", ");

export function triggerPhrase(
  when: Trigger,
  object: string,
  designs: Designs | undefined,
  language: Language,
  t: Phrases,
): string {
  const name = labelOf(designs, object)[language];
  switch (when.kind) {
    case "changed": {
      const fields = joined(
        when.fields.map((key) => labelOf(designs, object, key)[language]),
        language,
      );
      const actions = joined(
        when.actions.map((each) => t(`rule.change.${each}`)),
        language,
      );
      return fields ? t("rule.say.changedFields", { name, actions, fields }) : t("rule.say.changed", { name, actions });
    }
    case "becomes":
      return t(when.leave_when ? "rule.say.becomesUntil" : "rule.say.becomes", {
        name,
        until: plainWords(when.leave_when ?? "", language, namesIn(designs, object, language)),
      });
    case "holds":
      return t("rule.say.holds", { name, count: when.periods, period: t(`rule.period.${when.period}`) });
    case "scheduled":
      return t("rule.say.scheduled", { name, moment: cronPhrase(when.cron, when.working_days_only, t) });
    case "enters": {
      const segment = designs?.segments.find((each) => each.key === when.segment);
      const classes = joined(
        when.classes.map((key) => segment?.classes.find((each) => each.key === key)?.label[language] ?? key),
        language,
      );
      const label = segment?.label[language] ?? when.segment;
      return classes
        ? t("rule.say.enters", { name, segment: label, classes })
        : t("rule.say.entersAny", { name, segment: label });
    }
    case "happens":
      return t("rule.say.happens", { name, event: when.event });
  }
}

export function cronPhrase(cron: string, workingDaysOnly: boolean, t: Phrases): string {
  const { every, time, weekday, day } = readCron(cron);
  if (every === "other") return t("rule.cron.other", { cron });
  const moment = t(`rule.cron.${every}`, { time, weekday: t(`weekday.${weekday}`), day });
  return workingDaysOnly ? t("rule.cron.working", { moment }) : moment;
}

export function spanPhrase(span: Span, t: Phrases): string {
  return t(`span.${span.unit}`, { count: span.amount });
}

export function actionPhrase(
  action: RuleAction,
  object: string,
  designs: Designs | undefined,
  language: Language,
  t: Phrases,
): string {
  const who = (given: string[]) =>
    joined(
      given.map((each) => whoPhrase(each, object, designs, language, t)),
      language,
    );
  const fields = (keys: string[]) =>
    joined(
      keys.map((key) => labelOf(designs, object, key)[language]),
      language,
    );
  const names = namesIn(designs, object, language);
  const filled = (template: string) => inBraces(template, (formula) => plainWords(formula, language, names));
  const said = (template: Label) => filled(template[language]);
  switch (action.kind) {
    case "signal":
      return t("rule.do.signal", {
        who: who(action.to),
        level: t(`rule.level.${action.level}`),
        gap: t(`rule.gap.${action.gap}`),
        title: said(action.title),
      });
    case "task":
      return t("rule.do.task", { who: who([action.to]), title: said(action.title), due: spanPhrase(action.due, t) });
    case "notify":
      return t(action.urgent ? "rule.do.notifyUrgent" : "rule.do.notify", {
        who: who(action.to),
        title: said(action.title),
      });
    case "record":
      return t("rule.do.record", { name: labelOf(designs, action.object)[language] });
    case "set":
      return setPhrase(action, object, designs, language, t);
    case "lock":
      return action.fields.length > 0
        ? t("rule.do.lockFields", { fields: fields(action.fields), reason: action.reason[language] })
        : t("rule.do.lock", { reason: action.reason[language] });
    case "push":
      return t("rule.do.push", { who: who(action.to), content: filled(action.content) });
    case "hook":
      return t("rule.do.hook", { url: action.url });
    case "escalate":
      return t("rule.do.escalate", {
        after: spanPhrase(action.after, t),
        who: who(action.to),
        title: said(action.title),
      });
  }
}

function setPhrase(
  action: ActionOf<"set">,
  object: string,
  designs: Designs | undefined,
  language: Language,
  t: Phrases,
): string {
  const target = action.of ? relationsOf(designs, object).find((each) => each.key === action.of)?.target : object;
  const fields = joined(
    Object.keys(action.values).map((key) => labelOf(designs, target ?? object, key)[language]),
    language,
  );
  return action.of
    ? t("rule.do.setOf", { name: labelOf(designs, object, action.of)[language], fields })
    : t("rule.do.set", { fields });
}

/** People as seen from a record, in words. */
export function whoPhrase(
  who: string,
  object: string,
  designs: (Model & Partial<Pick<Designs, "roles">>) | undefined,
  language: Language,
  t: Phrases,
): string {
  const [kind, rest = ""] = who.split(":");
  if (kind === "role") {
    const role = designs?.roles?.find((each) => each.key === rest);
    return t("rule.who.role", { name: role?.label[language] ?? rest });
  }
  if (kind === "person") return t("rule.who.person", { path: pathText(designs, object, rest, language) });
  return t(`rule.who.${kind}`);
}
