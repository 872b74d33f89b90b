import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Level, levelOfColour } from "../../design/Level";
import { plainWords } from "../../meta/plain-words";
import { seenValues } from "../../meta/seen";
import type { ClassCount, Reason } from "./segments";

export function ClassLevel({ of }: { of: Pick<ClassCount, "colour" | "label"> }) {
  return <Level level={levelOfColour(of.colour)}>{of.label}</Level>;
}

/** What decided: the condition as one says it, and of the values it saw those that it names; the others on pointing. */
export function Reasons({ reason, object, bare = false }: { reason: Reason; object: string; bare?: boolean }) {
  const { t, language } = useWords();
  const model = useModel().data;
  const when = whenOf(reason);
  const seen = seenValues(model, object, (reason?.seen ?? {}) as Record<string, unknown>, language);
  const decisive = when === null ? seen : seen.filter(({ label }) => when.includes(label));
  const values = decisive.map(({ label, text }) => `${label} ${text}`).join(t("listComma"));
  if (when === null && seen.length === 0) return null;
  return (
    <p className="class-reason">
      {when !== null && !bare && <span>{plainWords(when, language)}</span>}
      {values && (
        <span title={seen.map(({ label, text }) => `${label} ${text}`).join("\n")}>
          {bare ? values : t("seenThen", { values })}
        </span>
      )}
    </p>
  );
}

export const whenOf = (reason: Reason): string | null => (typeof reason?.when === "string" ? reason.when : null);
