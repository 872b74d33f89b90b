import { Clock, UserRound } from "lucide-react";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { useNow } from "../today/now";
import { distance, textOf } from "../today/tasks";

/** Whose it is, and how long it has stood. */
export function Standing({ item }: { item: RecordRow }) {
  const { t } = useWords();
  const now = useNow();
  const owner = ownerOf(item);
  const started = textOf(item, "started_at");
  const { amount, unit } = distance(new Date(started), now);
  return (
    <>
      {owner && (
        <span className="meeting-fact">
          <UserRound size={12} aria-hidden />
          {owner.label}
        </span>
      )}
      {started && (
        <span className="meeting-fact">
          <Clock size={12} aria-hidden />
          {t("stoodFor", { time: t(`unit.${unit}`, { count: amount }) })}
        </span>
      )}
    </>
  );
}

export function ownerOf(item: RecordRow): { id: string; label: string } | undefined {
  const owner = item.owner;
  if (owner === null || typeof owner !== "object" || Array.isArray(owner)) return undefined;
  return typeof owner.id === "string" ? { id: owner.id, label: String(owner.label ?? "") } : undefined;
}
