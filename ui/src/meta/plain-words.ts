import type { Language } from "../app/language";

// Longer signs first. What stands in quotes is a value and stays as it is.
const SIGNS: [RegExp, string, string][] = [
  [/\s+IS\s+NOT\s+BLANK\b/gi, "不为空", " is not blank"],
  [/\s+IS\s+BLANK\b/gi, "为空", " is blank"],
  [/\s+NOT\s+IN\s+/gi, "不属于", " is none of "],
  [/\s+IN\s+/gi, "属于", " is one of "],
  [/\s*>=\s*/g, " 不少于 ", " is at least "],
  [/\s*<=\s*/g, " 不多于 ", " is at most "],
  [/\s*(?:<>|!=)\s*/g, " 不是 ", " is not "],
  [/\s*>\s*/g, " 多于 ", " is more than "],
  [/\s*<\s*/g, " 少于 ", " is less than "],
  [/\s*=\s*/g, " 是 ", " is "],
  [/\s+AND\s+/gi, "，且", ", and "],
  [/\s+OR\s+/gi, "，或", ", or "],
  [/\bNOT\s+/gi, "不是", "not "],
];
const QUOTED = /('(?:[^']|'')*')/;

/** A condition as a person would say it: 「达标指标数 >= 4 AND …」 becomes 「达标指标数 不少于 4，且…」. */
export function plainWords(condition: string, language: Language): string {
  return condition
    .split(QUOTED)
    .map((part, at) => (at % 2 === 1 ? quoted(part) : said(part, language)))
    .join("")
    .trim();
}

const quoted = (part: string) => `“${part.slice(1, -1).replace(/''/g, "'")}”`;

function said(part: string, language: Language): string {
  const plain = part.replace(/[[\]]/g, "");
  const words = SIGNS.reduce((text, [sign, zh, en]) => text.replace(sign, language === "zh" ? zh : en), plain);
  return language === "zh" ? words.replace(/\(/g, "（").replace(/\)/g, "）") : words;
}
