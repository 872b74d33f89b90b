import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { speak } from "../api/client";
import type { Label } from "../api/types";

const KEPT = "tongmai.language";

export type Language = "zh" | "en";

type Words = Promise<{ default: Record<string, string> }>;

/** What a language needs, loaded when it is spoken: the first pages' words, the controls' own locale; all other words. */
const LOADED: Record<
  Language,
  { first: () => Words; controls: () => Promise<{ default: Locale }>; rest: () => Words }
> = {
  zh: {
    first: () => import("virtual:words/zh-CN/first"),
    // Calendars name months and weekdays by what dayjs knows.
    controls: () => Promise.all([import("antd/locale/zh_CN"), import("dayjs/locale/zh-cn")]).then(([found]) => found),
    rest: () => import("virtual:words/zh-CN/rest"),
  },
  en: {
    first: () => import("virtual:words/en/first"),
    controls: () => import("antd/locale/en_US"),
    rest: () => import("virtual:words/en/rest"),
  },
};
const locales = new Map<Language, Locale>();
const whole = new Map<Language, Promise<void>>();

/** What AntD's controls say; the words of a language that is spoken have been loaded with it. */
export const controlsOf = (language: Language): Locale | undefined => locales.get(language);

async function load(language: Language): Promise<void> {
  if (locales.has(language)) return;
  const [words, controls] = await Promise.all([LOADED[language].first(), LOADED[language].controls()]);
  add(language, words.default);
  locales.set(language, controls.default);
}

function add(language: Language, words: Record<string, string>): void {
  i18next.addResourceBundle(language, "translation", words);
}

/** The words of all pages. A page that is not among the first comes with them. */
function loadRest(language: Language): Promise<void> {
  const found = whole.get(language) ?? LOADED[language].rest().then((words) => add(language, words.default));
  whole.set(language, found);
  // What failed on the way is asked for anew by the next page.
  found.catch(() => whole.delete(language));
  return found;
}

/** Loads a part of the program together with all words. */
export const withWords =
  <Found>(loaded: () => Promise<Found>) =>
  (): Promise<Found> =>
    Promise.all([loaded(), loadRest(spoken())]).then(([found]) => found);

const spoken = (): Language => (i18next.language === "en" ? "en" : "zh");

export async function startLanguage(): Promise<void> {
  const kept = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("en") ? "en" : "zh");
  const lng: Language = kept === "en" ? "en" : "zh";
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: "zh",
    keySeparator: false,
    resources: {},
    interpolation: { escapeValue: false },
    // A word that was not taken for one of the first pages' is shown as soon as it is there.
    saveMissing: true,
    missingKeyHandler: () => void loadRest(spoken()),
    react: { bindI18nStore: "added" },
  });
  await load(lng);
  announce(lng);
}

/** Calls `tell` whenever another language is spoken. */
export function onLanguage(tell: () => void): void {
  i18next.on("languageChanged", tell);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  void Promise.all([load(language), whole.has(spoken()) ? loadRest(language) : undefined]).then(() => {
    announce(language);
    void i18next.changeLanguage(language);
  });
}

function announce(language: string): void {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  speak(document.documentElement.lang);
}

/** Translation, the language, labels that people made (they come translated from the API), and several words in a row. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === "en" ? "en" : "zh";
  const say = (label: Label | null | undefined) => (label ? label[language] || label.zh : "");
  const listed = (words: readonly string[]) => words.join(language === "en" ? ", " : "、");
  return { t, say, listed, language };
}
