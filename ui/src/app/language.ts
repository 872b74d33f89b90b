import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { speak } from "../api/client";
import type { Label } from "../api/types";
import en from "../locales/en.json";
import zh from "../locales/zh-CN.json";

const KEPT = "tongmai.language";

export type Language = "zh" | "en";

export async function startLanguage(): Promise<void> {
  const lng = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("en") ? "en" : "zh");
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: "zh",
    keySeparator: false,
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  announce(lng);
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  void i18next.changeLanguage(language);
  announce(language);
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
