import type { Language } from "./language";
import { useWords } from "./language";

const localeOf = (language: Language) => (language === "en" ? "en" : "zh-CN");

const dayNumber = (at: Date) => Math.round(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000);

/** A day as it is spoken of: today and yesterday by name, a year only where it is another. */
export function dayText(at: Date, language: Language, now = new Date()): string {
  const locale = localeOf(language);
  const distance = dayNumber(at) - dayNumber(now);
  if (Math.abs(distance) <= 1) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(distance, "day");
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return at.toLocaleDateString(locale, { ...year, month: language === "en" ? "short" : "long", day: "numeric" });
}

/** A moment as it is spoken of, to the minute: 「今天 09:05」, 「11月20日 17:55」, 「2025年3月1日 08:00」. */
export function momentText(at: Date, language: Language, now = new Date()): string {
  const time = at.toLocaleTimeString(localeOf(language), { hour: "2-digit", minute: "2-digit", hour12: false });
  return `${dayText(at, language, now)} ${time}`;
}

/** A moment of the API's on the screen; pointing at it tells it in full. */
export function Moment({ at, day = false }: { at: string; day?: boolean }) {
  const { language } = useWords();
  const moment = new Date(at);
  const text = day ? dayText(moment, language) : momentText(moment, language);
  return (
    <time dateTime={at} title={moment.toLocaleString(localeOf(language))}>
      {text}
    </time>
  );
}
