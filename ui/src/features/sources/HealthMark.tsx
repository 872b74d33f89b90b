import { useWords } from "../../app/language";
import { Level } from "../../design/Level";
import type { SourceState } from "./queries";

/** How a source fares, by shape and word. */
export function HealthMark({ source }: { source: SourceState }) {
  const { t } = useWords();
  if (source.enabled === false) return <span className="chip">{t("health.off")}</span>;
  if (source.healthy === false || source.faults.length > 0) return <Level level="red">{t("health.bad")}</Level>;
  return source.healthy === true ? (
    <Level level="green">{t("health.good")}</Level>
  ) : (
    <span className="chip">{t("health.unknown")}</span>
  );
}
