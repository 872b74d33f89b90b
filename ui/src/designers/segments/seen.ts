/** The values that a decision looked at, in words: " · 未联系天数 21，等级 A". */
export function seenText(reason: Record<string, unknown> | null, labelled: (key: string) => string): string {
  const seen = reason?.seen ?? reason;
  if (typeof seen !== "object" || seen === null) return "";
  const parts = Object.entries(seen)
    .filter(([, value]) => value === null || typeof value !== "object")
    .map(([key, value]) => `${labelled(key)} ${value === null ? "—" : String(value)}`);
  return parts.length === 0 ? "" : ` · ${parts.join("，")}`;
}
