import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vite";

/** The pages of the first load: their words come with them, all others with the first page that is not of these. */
const FIRST = ["main.tsx", "app/SignIn.tsx", "features/today/TodayPage.tsx"];
const NAMED = /^virtual:words\/([\w-]+)\/(first|rest)$/;

/**
 * Gives `virtual:words/zh-CN/first` and `…/rest`: the words of a language in two parts. Which words the first pages say
 * is read from them and what they import at once: a text that is a word's key, or the beginning that a template has.
 */
export function words(): Plugin {
  let source = "";
  return {
    name: "words",
    configResolved(config) {
      source = resolve(config.root, "src");
    },
    resolveId: (id) => (NAMED.test(id) ? `\0${id}` : null),
    load(id) {
      const [, language, part] = NAMED.exec(id.slice(1)) ?? [];
      if (language === undefined) return null;
      const path = resolve(source, "locales", `${language}.json`);
      this.addWatchFile(path);
      const all = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, string>);
      const isFirst = saidBy(modulesAtOnce(FIRST.map((each) => resolve(source, each))));
      return `export default ${JSON.stringify(Object.fromEntries(all.filter(([key]) => isFirst(key) === (part === "first"))))}`;
    },
  };
}

/** The sources that come with these at once: what is imported later, or for its types alone, is left out. */
export function modulesAtOnce(entries: string[]): string[] {
  const found = new Set(entries);
  for (const path of found)
    for (const [, named = ""] of readFileSync(path, "utf8").matchAll(/^(?:import (?!type\b)|\} )[^;]*?from "(\.[^"]+)"/gm)) {
      const base = resolve(dirname(path), named);
      const file = [`${base}.tsx`, `${base}.ts`].find((each) => existsSync(each));
      if (file !== undefined) found.add(file);
    }
  return [...found];
}

/** Whether one of the sources says a word. */
export function saidBy(paths: string[]): (key: string) => boolean {
  const text = paths.map((each) => readFileSync(each, "utf8")).join("\n");
  const texts = new Set([...text.matchAll(/"([\w.]+)"/g)].map(([, named]) => named));
  const beginnings = [...text.matchAll(/`([\w.]+)\$\{/g)].map(([, named = ""]) => named);
  // What is said of one comes with what is said of many.
  return (key) => texts.has(key.replace(/_one$/, "")) || beginnings.some((each) => key.startsWith(each));
}
