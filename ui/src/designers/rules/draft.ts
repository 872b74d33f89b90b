import type { Label } from "../../api/types";
import { keyOfName } from "../../meta/keys";
import type { RuleAction, RuleDef, SegmentDef, Span, Trigger } from "../definitions";
import { both } from "../LabelFields";

export const TRIGGERS = [
  "becomes",
  "holds",
  "changed",
  "scheduled",
  "enters",
  "happens",
] as const satisfies readonly Trigger["kind"][];

export const ACTIONS = [
  "signal",
  "task",
  "record",
  "notify",
  "set",
  "lock",
  "push",
  "hook",
  "escalate",
] as const satisfies readonly RuleAction["kind"][];

export const SPAN_UNITS = ["minutes", "hours", "days", "working_days"] as const;

export const NO_LABEL: Label = { zh: "", en: "" };

export function newRule(object: string): RuleDef {
  return {
    key: "",
    label: NO_LABEL,
    description: null,
    object,
    when: { kind: "becomes", leave_when: null },
    if: null,
    // biome-ignore lint/suspicious/noThenProperty: the definition's own name; rules are awaited by nobody
    then: [newAction("signal")],
    enabled: true,
    outcome: null,
    outcome_days: 30,
  };
}

export function newTrigger(kind: Trigger["kind"], segments: SegmentDef[]): Trigger {
  switch (kind) {
    case "changed":
      return { kind, actions: ["create", "update"], fields: [] };
    case "becomes":
      return { kind, leave_when: null };
    case "holds":
      return { kind, periods: 3, period: "working_day" };
    case "scheduled":
      return { kind, cron: "0 9 * * *", working_days_only: true };
    case "enters":
      return { kind, segment: segments[0]?.key ?? "", classes: [] };
    case "happens":
      return { kind, event: "" };
  }
}

const A_DAY: Span = { amount: 1, unit: "working_days" };

export function newAction(kind: RuleAction["kind"]): RuleAction {
  switch (kind) {
    case "signal":
      return {
        kind,
        signal: "attention",
        gap: "customer",
        level: "yellow",
        title: NO_LABEL,
        detail: null,
        to: ["owner"],
        buttons: [],
        expires: null,
      };
    case "task":
      return {
        kind,
        task: "follow_up",
        title: NO_LABEL,
        detail: null,
        to: "owner",
        due: A_DAY,
        form: [],
        content: null,
        breach: ["superior"],
      };
    case "notify":
      return { kind, to: ["owner"], title: NO_LABEL, body: null, urgent: false };
    case "record":
      return { kind, object: "", about: null, values: {} };
    case "set":
      return { kind, of: null, values: {} };
    case "lock":
      return { kind, reason: NO_LABEL, fields: [], until: "condition_ends" };
    case "push":
      return { kind, content: "", to: ["owner"] };
    case "hook":
      return { kind, url: "https://", body: {} };
    case "escalate":
      return { kind, after: A_DAY, to: ["superior"], title: NO_LABEL };
  }
}

/** The definition as the API takes it: names in both languages, blanks left out, a key where it has none. */
export function finished(rule: RuleDef, taken: string[]): RuleDef {
  const label = both(rule.label);
  return {
    ...rule,
    key: rule.key || keyOfName(label.en, "rule", taken),
    label,
    when: finishedTrigger(rule.when),
    if: text(rule.if),
    outcome: text(rule.outcome),
    // biome-ignore lint/suspicious/noThenProperty: the definition's own name; rules are awaited by nobody
    then: rule.then.map(finishedAction),
  };
}

const text = (given: string | null) => given?.trim() || null;
const said = (given: Label | null) => Boolean(given && (text(given.zh) || text(given.en)));
/** A text that may be left out, in both languages. */
const words = (given: Label | null) =>
  given && said(given) ? both({ zh: given.zh.trim(), en: given.en.trim() }) : null;

function finishedTrigger(when: Trigger): Trigger {
  return when.kind === "becomes" ? { ...when, leave_when: text(when.leave_when) } : when;
}

function finishedAction(action: RuleAction): RuleAction {
  switch (action.kind) {
    case "signal":
      return { ...action, title: both(action.title), detail: words(action.detail) };
    case "task":
      return {
        ...action,
        title: both(action.title),
        detail: words(action.detail),
        content: text(action.content),
      };
    case "notify":
      return { ...action, title: both(action.title), body: words(action.body) };
    case "escalate":
      return { ...action, title: both(action.title) };
    case "lock":
      return { ...action, reason: both(action.reason) };
    default:
      return action;
  }
}

/** The same rule with other actions. */
export function withActions(rule: RuleDef, actions: RuleAction[]): RuleDef {
  // biome-ignore lint/suspicious/noThenProperty: the definition's own name; rules are awaited by nobody
  return { ...rule, then: actions };
}

/** What is still to be filled in before the server need be asked; keys of phrases. */
export function lacks(rule: RuleDef): string[] {
  const found = new Set<string>();
  if (!rule.label.zh && !rule.label.en) found.add("rule.lacks.name");
  if ((rule.when.kind === "becomes" || rule.when.kind === "holds") && !text(rule.if)) found.add("rule.lacks.if");
  if (rule.when.kind === "enters" && rule.when.segment === "") found.add("rule.lacks.segment");
  if (rule.when.kind === "happens" && rule.when.event === "") found.add("rule.lacks.event");
  if (rule.then.length === 0) found.add("rule.lacks.then");
  for (const action of rule.then) {
    if ("title" in action && !said(action.title)) found.add("rule.lacks.title");
    if ("values" in action && Object.keys(action.values).length === 0) found.add("rule.lacks.values");
    if (action.kind === "record" && action.object === "") found.add("rule.lacks.object");
    if (action.kind === "lock" && !action.reason.zh && !action.reason.en) found.add("rule.lacks.reason");
    if (action.kind === "push" && action.content === "") found.add("rule.lacks.content");
  }
  return [...found];
}
