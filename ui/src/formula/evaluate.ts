/**
 * The formula evaluator of the browser: forms show formula fields, defaults and hints as a person types, by the same
 * rules as the server (`tongmai.formula`). The server's answer stays the one that counts.
 */

import * as dates from "./dates";
import { divide, inRange, multiply, type Num, toText } from "./decimal";
import { type Compute, FUNCTIONS, SEES_BLANK, TEXT_PLACES } from "./functions";
import { Matcher } from "./pattern";
import { compareText } from "./texts";
import { type CallNode, type FormulaDocument, kindOf, type Moment, optionsOf, type Row, type TreeNode } from "./tree";
import { readValue, type Value, writeValue } from "./values";
import { localDay, localMicros } from "./zone";

type Evaluator = (row: Row, moment: Moment) => Value;

/** The formula as a function of row and moment; its answer is JSON (numbers as text; a condition is never blank). */
export function compile(document: FormulaDocument): (row: Row, moment: Moment) => unknown {
  if (document.v !== 1) throw new Error(`formula document of version ${document.v}`);
  const { tree } = document;
  const evaluate = compileNode(tree);
  if (kindOf(tree.t) === "boolean") return (row, moment) => evaluate(row, moment) === true;
  return (row, moment) => writeValue(evaluate(row, moment), tree.t);
}

function compileNode(node: TreeNode): Evaluator {
  switch (node.k) {
    case "lit": {
      const value = readValue(node.v, node.t);
      return () => value;
    }
    case "field": {
      const key = node.p.join(".");
      return (row) => readValue(row[key], node.t);
    }
    case "param":
      return (_row, moment) => param(node.n, moment, node);
    case "call":
      return compileCall(node);
  }
}

function param(name: string, moment: Moment, node: TreeNode): Value {
  if (name === "now") return dates.readMoment(moment.now);
  if (name === "today") {
    const now = dates.readMoment(moment.now);
    return now === null ? null : localDay(now, moment.zone);
  }
  return readValue(moment.params[name] ?? null, node.t);
}

function compileCall(node: CallNode): Evaluator {
  const special = SPECIAL[node.f];
  if (special !== undefined) return special(node, node.a.map(compileNode));
  const compute = FUNCTIONS[node.f];
  if (compute === undefined) throw new Error(`unknown function ${node.f}`);
  return ordinary(node, compute);
}

/** A function with the language's rules for blanks around it. */
function ordinary(node: CallNode, compute: Compute): Evaluator {
  const parts = node.a.map(compileNode);
  const places = TEXT_PLACES[node.f] ?? [];
  const seesBlank = SEES_BLANK.has(node.f);
  return (row, moment) => {
    const values: Value[] = [];
    for (const [place, part] of parts.entries()) {
      const value = part(row, moment);
      if (value === null && !seesBlank && !places.includes(place)) return null;
      values.push(value === null && places.includes(place) ? "" : value);
    }
    return notEmpty(compute(values, moment));
  };
}

function notEmpty(value: Value): Value {
  return value === "" ? null : value;
}

function same(one: Value, other: Value): boolean {
  return one === other;
}

function compare(one: Value, other: Value): number {
  if (typeof one === "string" && typeof other === "string") return compareText(one, other);
  return (one as Num) < (other as Num) ? -1 : (one as Num) > (other as Num) ? 1 : 0;
}

type Special = (node: CallNode, parts: readonly Evaluator[]) => Evaluator;

function ordered(test: (sign: number) => boolean): Special {
  return (_node, [left, right]) =>
    (row, moment) => {
      const one = left?.(row, moment) ?? null;
      const other = right?.(row, moment) ?? null;
      return one !== null && other !== null && test(compare(one, other));
    };
}

/** Blank equals blank; only an actor's parameter that is not given equals nothing. */
function equality(wanted: boolean): Special {
  return (node, [left, right]) => {
    const withActor = node.a.some((arg) => arg.k === "param");
    return (row, moment) => {
      const one = left?.(row, moment) ?? null;
      const other = right?.(row, moment) ?? null;
      return (same(one, other) && !(withActor && one === null)) === wanted;
    };
  };
}

function arithmetic(node: CallNode, [left, right]: readonly Evaluator[]): Evaluator {
  const [one, other] = node.a.map((arg) => kindOf(arg.t));
  const compute = binary(node.f, one ?? "null", other ?? "null");
  return (row, moment) => {
    const a = left?.(row, moment) ?? null;
    const b = right?.(row, moment) ?? null;
    return a === null || b === null ? null : compute(a, b);
  };
}

function binary(sign: string, one: string, other: string): (a: Value, b: Value) => Value {
  const found = ARITHMETIC[`${one} ${sign} ${other}`];
  if (found === undefined) throw new Error(`${one} ${sign} ${other} has no meaning`);
  return found as (a: Value, b: Value) => Value;
}

function asDuration(seconds: Num | null): Num | null {
  return seconds === null ? null : dates.toMicros(seconds);
}

const ARITHMETIC: Readonly<Record<string, (a: never, b: never) => Value>> = {
  "number + number": (a: Num, b: Num) => inRange(a + b),
  "number - number": (a: Num, b: Num) => inRange(a - b),
  "number * number": (a: Num, b: Num) => multiply(a, b),
  "number / number": (a: Num, b: Num) => divide(a, b),
  "date + number": (a: dates.Day, b: Num) => dates.addDays(a, b),
  "number + date": (a: Num, b: dates.Day) => dates.addDays(b, a),
  "date - number": (a: dates.Day, b: Num) => dates.addDays(a, -b),
  "date - date": (a: dates.Day, b: dates.Day) => BigInt(a - b) * 10n ** 10n,
  "datetime + duration": (a: dates.Micros, b: Num) => dates.addSeconds(a, b),
  "duration + datetime": (a: Num, b: dates.Micros) => dates.addSeconds(b, a),
  "datetime - duration": (a: dates.Micros, b: Num) => dates.addSeconds(a, -b),
  "datetime - datetime": (a: dates.Micros, b: dates.Micros) => dates.secondsBetween(b, a),
  "duration + duration": (a: Num, b: Num) => a + b,
  "duration - duration": (a: Num, b: Num) => a - b,
  "duration * number": (a: Num, b: Num) => asDuration(multiply(a, b)),
  "number * duration": (a: Num, b: Num) => asDuration(multiply(a, b)),
  "duration / number": (a: Num, b: Num) => asDuration(divide(a, b)),
  "duration / duration": (a: Num, b: Num) => divide(a, b),
};

/** A list's distinct items; a single value is a list of one, blank of none. */
function itemsOf(value: Value): readonly Value[] {
  if (value === null) return [];
  return Array.isArray(value) ? (value as readonly Value[]).filter((item) => item !== null) : [value];
}

function overlap(ofAll: boolean): Special {
  return (_node, [group, ...items]) =>
    (row, moment) => {
      const own = itemsOf(group?.(row, moment) ?? null);
      const wanted = items.map((item) => itemsOf(item(row, moment)));
      if (!ofAll) return wanted.some((list) => list.some((item) => own.includes(item)));
      return wanted.every((list) => list.length > 0 && list.every((item) => own.includes(item)));
    };
}

function asText(node: CallNode, [part]: readonly Evaluator[]): Evaluator {
  const kind = kindOf(node.a[0]?.t ?? "text");
  return (row, moment) => {
    const value = part?.(row, moment) ?? null;
    if (value === null) return null;
    if (kind === "number" || kind === "duration") return toText(value as Num);
    if (kind === "boolean") return value === true ? "是" : "否";
    if (kind === "date") return dates.writeDay(value as dates.Day);
    return dates
      .writeMoment(localMicros(value as dates.Micros, moment.zone))
      .slice(0, 16)
      .replace("T", " ");
  };
}

function label(node: CallNode, [part]: readonly Evaluator[]): Evaluator {
  const options = optionsOf(node.a[0]?.t ?? "choice");
  const language = node.a[1];
  const column = language?.k === "lit" && language.v === "en" ? 2 : 1;
  return (row, moment) => {
    const value = part?.(row, moment) ?? null;
    return notEmpty(options.find(([key]) => key === value)?.[column] ?? value);
  };
}

function matches(node: CallNode, [part]: readonly Evaluator[]): Evaluator {
  const pattern = node.a[1];
  const matcher = new Matcher(pattern?.k === "lit" ? String(pattern.v) : "");
  return (row, moment) => matcher.foundIn(String(part?.(row, moment) ?? ""));
}

const SPECIAL: Readonly<Record<string, Special>> = {
  and: (_node, parts) => (row, moment) => parts.every((part) => part(row, moment) === true),
  or: (_node, parts) => (row, moment) => parts.some((part) => part(row, moment) === true),
  not: (_node, parts) => (row, moment) => parts[0]?.(row, moment) !== true,
  is_blank: (_node, parts) => (row, moment) => (parts[0]?.(row, moment) ?? null) === null,
  "=": equality(true),
  "!=": equality(false),
  "<": ordered((sign) => sign < 0),
  "<=": ordered((sign) => sign <= 0),
  ">": ordered((sign) => sign > 0),
  ">=": ordered((sign) => sign >= 0),
  "+": arithmetic,
  "-": arithmetic,
  "*": arithmetic,
  "/": arithmetic,
  negate: (_node, parts) => (row, moment) => {
    const value = parts[0]?.(row, moment) ?? null;
    return value === null ? null : -(value as Num);
  },
  "&": (_node, parts) => (row, moment) => notEmpty(parts.map((part) => part(row, moment) ?? "").join("")),
  list: (_node, parts) => (row, moment) => parts.map((part) => part(row, moment)),
  in: (node, [item, group]) => {
    const isLiteral = node.a[1]?.k === "call";
    return (row, moment) => {
      const value = item?.(row, moment) ?? null;
      const found = group?.(row, moment) ?? null;
      return (value !== null || isLiteral) && Array.isArray(found) && found.includes(value);
    };
  },
  IF: (_node, parts) => (row, moment) => {
    for (let n = 0; n + 1 < parts.length; n += 2) {
      if (parts[n]?.(row, moment) === true) return parts[n + 1]?.(row, moment) ?? null;
    }
    return parts[parts.length - 1]?.(row, moment) ?? null;
  },
  COALESCE: (_node, parts) => (row, moment) => {
    for (const part of parts) {
      const value = part(row, moment);
      if (value !== null) return value;
    }
    return null;
  },
  HAS_ANY: overlap(false),
  HAS_ALL: overlap(true),
  COUNT: (_node, parts) => (row, moment) =>
    BigInt((parts[0]?.(row, moment) as readonly Value[] | null)?.length ?? 0) * 10n ** 10n,
  TEXT: asText,
  LABEL: label,
  MATCHES: matches,
};
