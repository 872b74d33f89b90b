import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { speak } from "../api/client";
import type { Label } from "../api/types";

const KEPT = "tongmai.language";

export type Language = "zh" | "en";

/** Words and the controls' own locale, a language loaded when it is spoken. */
const LOADED: Record<Language, () => Promise<[{ default: Record<string, string> }, { default: Locale }]>> = {
  zh: () => Promise.all([import("../locales/zh-CN.json"), import("antd/locale/zh_CN")]),
  en: () => Promise.all([import("../locales/en.json"), import("antd/locale/en_US")]),
};
const locales = new Map<Language, Locale>();

/** What AntD's controls say; the words of a language that is spoken have been loaded with it. */
export const controlsOf = (language: Language): Locale | undefined => locales.get(language);

async function load(language: Language): Promise<void> {
  if (locales.has(language)) return;
  const [words, controls] = await LOADED[language]();
  i18next.addResourceBundle(language, "translation", words.default);
  locales.set(language, controls.default);
}

export async function startLanguage(): Promise<void> {
  const kept = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("en") ? "en" : "zh");
  const lng: Language = kept === "en" ? "en" : "zh";
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: "zh",
    keySeparator: false,
    resources: {},
    interpolation: { escapeValue: false },
  });
  await load(lng);
  announce(lng);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  void load(language).then(() => {
    void i18next.changeLanguage(language);
    announce(language);
  });
}

function announce(language: string): void {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  speak(document.documentElement.lang);
}

/** Translation, the language, and the reading of labels that people made (they come translated from the API). */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === "en" ? "en" : "zh";
  const say = (label: Label | null | undefined) => (label ? label[language] || label.zh : "");
  return { t, say, language };
}
