const BROWSERS: [RegExp, string][] = [
  [/wxwork\/([\d.]+)/i, "企业微信"],
  [/DingTalk\/([\d.]+)/i, "钉钉"],
  [/MicroMessenger\/([\d.]+)/i, "微信"],
  [/Edg\/(\d+)/, "Edge"],
  [/Firefox\/(\d+)/, "Firefox"],
  [/Chrome\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/HarmonyOS/, "HarmonyOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** A browser and its system as people call them; null of what names neither. */
export function browserOf(agent: string | null): string | null {
  if (agent === null) return null;
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent));
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent));
  const found = [browser?.[1], system?.[1]].filter((each) => each !== undefined);
  return found.length > 0 ? found.join(" · ") : agent.slice(0, 60) || null;
}
