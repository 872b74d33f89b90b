import type { Language } from "../app/language";
import { CALLS, SAME_KIND } from "./function-words";

/** What stands behind the names of a formula; undefined where it is not known. */
export interface Names {
  label: (path: string) => string | undefined;
  /** Of a field that is chosen from options, what one of them is called. */
  option: (path: string, key: string) => string | undefined;
  isMoment: (path: string) => boolean;
}

const AS_WRITTEN: Names = { label: () => undefined, option: () => undefined, isMoment: () => false };

/**
 * A condition as a person would say it: 「达标指标数 >= 4 AND …」 becomes 「达标指标数 不少于 4，且…」. Names are read by
 * `names`, else they stand as they are written; what stands in quotes is a value and is not taken apart.
 */
export function plainWords(condition: string, language: Language, names: Names = AS_WRITTEN): string {
  const reader: Reader = { tokens: condition.match(TOKEN) ?? [], at: 0, zh: language === "zh", names };
  let text = "";
  // A closing bracket or a comma that nothing opened is shown, never lost.
  while (reader.at < reader.tokens.length) text += phrase(reader).text + (reader.tokens[reader.at++] ?? "");
  return text
    .replace(/ {2,}/g, " ")
    .replace(/ ?([，、；（）]) ?/g, "$1")
    .trim();
}

const NAME = String.raw`\[[^\]]*\]|[\p{L}\p{N}_]*[\p{L}_][\p{L}\p{N}_]*`;
const TOKEN = new RegExp(
  [
    "'(?:[^']|'')*'",
    String.raw`(?:IS\s+NOT\s+BLANK|IS\s+BLANK|NOT\s+IN|IN|AND|OR|NOT|BETWEEN|TRUE|FALSE|BLANK)(?![\p{L}\p{N}_])`,
    String.raw`\d+(?:\.\d+)?(?:%|[smhdw](?![\p{L}\p{N}_])|(?![\p{L}\p{N}_]))`,
    `(?:${NAME})(?:\\.(?:${NAME}))*`,
    ">=|<=|<>|!=|[^\\s]",
  ].join("|"),
  "giu",
);

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  readonly zh: boolean;
  readonly names: Names;
}

interface Phrase {
  text: string;
  /** The field that it is about: what is compared with it is read as one of its values. */
  subject: string | undefined;
}

/** Reads up to the bracket or comma that ends it, or to the end. */
function phrase(reader: Reader, about?: string): Phrase {
  let text = "";
  let subject = about;
  let isBetween = false;
  for (
    let token = reader.tokens[reader.at];
    token && token !== ")" && token !== ",";
    token = reader.tokens[reader.at]
  ) {
    reader.at += 1;
    const word = token.toUpperCase().replace(/\s+/g, " ");
    if (word === "AND" && isBetween) {
      text += reader.zh ? " 与 " : " and ";
      isBetween = false;
    } else if (word === "AND" || word === "OR") {
      text += signOf(word, subject, reader);
      subject = about;
    } else if (word === "NOT" && reader.tokens[reader.at]?.toUpperCase() === "ISBLANK") {
      reader.at += 1;
      const [given] = parts(reader, subject);
      text += `${given?.text ?? ""}${signOf("IS NOT BLANK", subject, reader)}`;
    } else if (word === "IN" || word === "NOT IN") {
      text += signOf(word, subject, reader) + listed(parts(reader, subject), reader);
    } else if (token === "(") {
      const inner = phrase(reader);
      reader.at += 1;
      text += reader.zh ? `（${inner.text}）` : `(${inner.text})`;
    } else if (token === "-" && text === "") text += "-";
    else if (isSign(word)) {
      isBetween ||= word === "BETWEEN";
      text += signOf(word, subject, reader);
    } else {
      const found = operand(token, subject, reader);
      text += found.text;
      subject ??= found.subject;
    }
  }
  return { text: text.trim(), subject };
}

/** A value, a name or a call. */
function operand(token: string, subject: string | undefined, reader: Reader): Phrase {
  if (token.startsWith("'")) {
    const value = token.slice(1, -1).replace(/''/g, "'");
    const option = subject === undefined ? undefined : reader.names.option(subject, value);
    return { text: `“${option ?? value}”`, subject: undefined };
  }
  if (/^\d/.test(token) && !/[\p{L}_]{2}/u.test(token)) return { text: measured(token, reader.zh), subject: undefined };
  if (reader.tokens[reader.at] === "(") return call(token.toUpperCase(), reader);
  const path = token.replace(/[[\]]/g, "");
  return { text: reader.names.label(path) ?? path, subject: path };
}

function call(name: string, reader: Reader): Phrase {
  const given = parts(reader, undefined);
  const [first, second] = given;
  const subject = SAME_KIND.has(name) ? first?.subject : undefined;
  if (name === "NOW" && reader.tokens[reader.at] === "-" && /^\d+[smhdw]$/.test(reader.tokens[reader.at + 1] ?? "")) {
    reader.at += 2;
    const span = measured(reader.tokens[reader.at - 1] ?? "", reader.zh);
    return { text: reader.zh ? `${span}前` : `${span} ago`, subject };
  }
  const days = name === "TODAY" ? daysAdded(reader) : undefined;
  if (days !== undefined) return { text: shifted(reader.zh ? "今天" : "today", days, reader.zh), subject };
  if (name === "ADD_DAYS" && first && second) return { text: shifted(first.text, second.text, reader.zh), subject };
  const words = CALLS[name]?.[reader.zh ? 0 : 1] ?? (reader.zh ? `${name}（{*}）` : `${name}({*})`);
  const text = words.replace(/\{(\d|\*|rest)\}/g, (_, part: string) =>
    part === "*"
      ? listed(given, reader)
      : part === "rest"
        ? listed(given.slice(1), reader)
        : unitOf(given[+part]?.text ?? "", reader.zh),
  );
  return { text, subject };
}

/** The days that are added to what was just read: `+ 3`, `- 3`, or `+ (-3)` as the API writes ADD_DAYS. */
function daysAdded(reader: Reader): string | undefined {
  const [sign, first = "", minus, within = "", last] = reader.tokens.slice(reader.at, reader.at + 5);
  const isBracketed = sign === "+" && first === "(" && minus === "-" && last === ")";
  const days = isBracketed ? within : first;
  if ((sign !== "+" && sign !== "-") || !/^\d+$/.test(days)) return undefined;
  reader.at += isBracketed ? 5 : 2;
  return isBracketed || sign === "-" ? `-${days}` : days;
}

/** What stands between the brackets that come next; the later ones may be values of the first. */
function parts(reader: Reader, about: string | undefined): Phrase[] {
  const found: Phrase[] = [];
  do {
    reader.at += 1;
    const next = phrase(reader, about ?? found[0]?.subject);
    if (next.text !== "") found.push(next);
  } while (reader.tokens[reader.at] === ",");
  reader.at += 1;
  return found;
}

const listed = (given: Phrase[], reader: Reader) => given.map(({ text }) => text).join(reader.zh ? "、" : ", ");

const SPANS: Record<string, string> = { 年: "year", 季度: "quarter", 月: "month", 周: "week", 日: "day" };

/** The unit of time in 「所在月」 is a word, not a value; all else stays as it is. */
function unitOf(text: string, zh: boolean): string {
  const found = Object.entries(SPANS).find(([unit, word]) => text === `“${unit}”` || text === `“${word}”`);
  return found?.[zh ? 0 : 1] ?? text;
}

function shifted(day: string, by: string, zh: boolean): string {
  const days = Number(by);
  if (day === (zh ? "今天" : "today")) {
    if (days === -1) return zh ? "昨天" : "yesterday";
    if (days === 1) return zh ? "明天" : "tomorrow";
    if (days < 0) return zh ? `${-days} 天前` : `${-days} days ago`;
    if (days > 0) return zh ? `${days} 天后` : `in ${days} days`;
  }
  if (days < 0) return zh ? `${day}之前 ${-days} 天` : `${-days} days before ${day}`;
  return zh ? `${day}之后 ${by} 天` : `${by} days after ${day}`;
}

const UNITS: Record<string, [string, string]> = {
  s: ["秒", "s"],
  m: ["分钟", "min"],
  h: ["小时", "h"],
  d: ["天", "d"],
  w: ["周", "weeks"],
};

function measured(token: string, zh: boolean): string {
  const unit = UNITS[token.slice(-1)];
  return unit ? `${token.slice(0, -1)} ${unit[zh ? 0 : 1]}` : token;
}

const SIGNS: Record<string, [string, string]> = {
  "IS NOT BLANK": ["不为空", " is not blank"],
  "IS BLANK": ["为空", " is blank"],
  "NOT IN": [" 不属于 ", " is none of "],
  IN: [" 属于 ", " is one of "],
  ">=": [" 不少于 ", " is at least "],
  "<=": [" 不多于 ", " is at most "],
  "<>": [" 不是 ", " is not "],
  "!=": [" 不是 ", " is not "],
  ">": [" 多于 ", " is more than "],
  "<": [" 少于 ", " is less than "],
  "=": [" 是 ", " is "],
  BETWEEN: [" 介于 ", " is between "],
  AND: ["，且", ", and "],
  OR: ["，或", ", or "],
  NOT: ["不是", "not "],
  TRUE: ["是", "yes"],
  FALSE: ["否", "no"],
  BLANK: ["空", "blank"],
  "+": [" + ", " + "],
  "-": [" − ", " − "],
  "*": [" × ", " × "],
  "/": [" ÷ ", " ÷ "],
  "&": [" ", " "],
};
// Moments are earlier and later, not less and more.
const OF_MOMENTS: Record<string, [string, string]> = {
  ">=": [" 不早于 ", " is not before "],
  "<=": [" 不晚于 ", " is not after "],
  ">": [" 晚于 ", " is after "],
  "<": [" 早于 ", " is before "],
};

const isSign = (word: string) => word in SIGNS;

function signOf(word: string, subject: string | undefined, { zh, names }: Reader): string {
  const ofMoment = subject !== undefined && names.isMoment(subject) ? OF_MOMENTS[word] : undefined;
  return (ofMoment ?? SIGNS[word] ?? [word, word])[zh ? 0 : 1];
}
