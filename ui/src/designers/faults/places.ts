import type { Fault } from "../../api/types";
import type { AnyAction } from "../change/action";

/**
 * Where in a draft a fault belongs. The API names a path for each: in the document that was sent (`actions.0.rule.…`)
 * or in the catalogue (`rules.silent.then.0.title`). Inputs name theirs within the draft (`then.0.title`), elements
 * of a list by what they are known by (`classes.red.when`, `grants.customer.read`), else by their number.
 */
export interface Placed extends Fault {
  /** Undefined where it is about something other than the draft. */
  at?: string | undefined;
}

/** The faults with their places in what the actions put there. */
export const placedIn = (faults: readonly Fault[], actions: readonly AnyAction[]): Placed[] =>
  faults.map((fault) => {
    const at = fault.field === undefined ? undefined : placeIn(fault.field, actions);
    return { ...fault, at: at === "" ? OF_THE_WHOLE[fault.code.split(".").at(-1) ?? ""] : at };
  });

/** What is told of a thing as a whole and is yet about one input. */
const OF_THE_WHOLE: Record<string, string> = { duplicate_name: "label", duplicate_key: "key", reserved: "key" };

function placeIn(field: string, actions: readonly AnyAction[]): string | undefined {
  const sent = /^actions\.(\d+)\.(.+)$/.exec(field);
  if (sent) {
    const action = actions[Number(sent[1])];
    return (
      action &&
      stepsIn(action, (sent[2] ?? "").split("."))
        .slice(1)
        .join(".")
    );
  }
  for (const action of actions)
    for (const [root, under] of rootsOf(action)) {
      const within = field === root ? "" : field.startsWith(`${root}.`) ? field.slice(root.length + 1) : undefined;
      if (within === undefined) continue;
      const steps = [under, within].filter(Boolean).join(".").split(".");
      return stepsIn(thingOf(action), steps).join(".");
    }
  return undefined;
}

type Thing = { key?: string; object?: string; grants?: { object: string }[] };

const nounOf = (action: AnyAction) => action.action.replace(/^(add|change)_/, "");
const thingOf = (action: AnyAction) => (action.after ?? action[nounOf(action)] ?? {}) as Thing;

/** The paths in the catalogue under which faults of an action's thing are told, each with where that is in the thing. */
function rootsOf(action: AnyAction): [root: string, under: string][] {
  const { key, object, grants = [] } = thingOf(action);
  const noun = nounOf(action);
  switch (noun) {
    case "metric":
      return [[`${object}.${key}`, ""]];
    case "field":
      return [[`${action.object}.${key}`, ""]];
    case "validation":
      return [[`${action.object}.validations.${key}`, ""]];
    case "object": {
      const name = key ?? String(action.object);
      return [
        [`objects.${name}`, ""],
        [name, ""],
      ];
    }
    case "role":
      return [
        ...grants.map((each): [string, string] => [`roles.${key}.${each.object}`, `grants.${each.object}`]),
        [`roles.${key}`, ""],
      ];
    default:
      return [[`${noun}s.${key}`, ""]];
  }
}

/** Steps through a value as inputs name them; the names of kinds that stand in a sent document's paths fall out. */
function stepsIn(value: unknown, [step, ...rest]: string[]): string[] {
  if (step === undefined) return [];
  if (Array.isArray(value)) {
    const found = elementOf(value, step);
    return [identityOf(found) ?? step, ...stepsIn(found, rest)];
  }
  if (typeof value !== "object" || value === null) return [step, ...rest];
  const known = value as Record<string, unknown>;
  const isKind = !(step in known) && (step === known.action || step === known.kind);
  return isKind ? stepsIn(known, rest) : [step, ...stepsIn(known[step], rest)];
}

const elementOf = (list: unknown[], step: string): unknown =>
  /^\d+$/.test(step) ? list[Number(step)] : list.find((each) => identityOf(each) === step);

/** What an element is known by; what has a kind and no key (a rule's action) is its number. */
function identityOf(element: unknown): string | undefined {
  if (typeof element !== "object" || element === null) return undefined;
  const { key, kind, field, object, path } = element as Record<string, unknown>;
  const found = key ?? (kind === undefined ? (field ?? object ?? path) : undefined);
  return typeof found === "string" ? found : undefined;
}

/** What stands at a place of a draft; undefined where there is nothing. */
export function valueAt(draft: unknown, place: string): unknown {
  return place.split(".").reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return elementOf(value, step);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }, draft);
}

export interface Assigned {
  /** By the place of the input. */
  at: ReadonlyMap<string, Placed[]>;
  /** Those for which there is no input. */
  rest: Placed[];
}

/** Each fault at the input nearest to it: that of its own place, else of the closest thing around it. */
export function assigned(faults: readonly Placed[], inputs: readonly string[]): Assigned {
  const at = new Map<string, Placed[]>();
  const rest: Placed[] = [];
  for (const fault of faults) {
    const around = inputs.filter((each) => fault.at === each || fault.at?.startsWith(`${each}.`));
    const nearest = around.reduce<string | undefined>(
      (best, each) => (best === undefined || each.length > best.length ? each : best),
      undefined,
    );
    if (nearest === undefined) rest.push(fault);
    else at.set(nearest, [...(at.get(nearest) ?? []), fault]);
  }
  return { at, rest };
}
