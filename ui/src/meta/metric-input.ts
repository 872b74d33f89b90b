import type { MetricInput } from "../api/schema";
import type { Language } from "../app/language";
import { momentText } from "../app/moments";

/** What a metric's value was worked out from beside its rows, as a person reads it; a dash where there was none. */
export function inputText({ value, kind }: MetricInput, language: Language): string {
  if (value === null) return "—";
  if (kind === "datetime") return momentText(new Date(value), language);
  return Number(value).toLocaleString(language === "zh" ? "zh-CN" : "en", { maximumFractionDigits: 2 });
}
