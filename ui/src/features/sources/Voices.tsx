import type { VoicesShown } from "../../api/schema";
import { useWords } from "../../app/language";

/** Who makes text of the voice messages of the source's archive, or why nobody does; how many were heard and wait. */
export function Voices({ voices }: { voices: VoicesShown }) {
  const { t } = useWords();
  const { by, model, heard, waiting, refused } = voices;
  return (
    <p className={by === "none" || by === "no_files" ? "fault" : "blank"}>
      {t(`voices.${by}`, { model: model ?? "" })}
      {heard + waiting + refused > 0 && ` · ${t("voices.counts", { heard, waiting, refused })}`}
    </p>
  );
}
