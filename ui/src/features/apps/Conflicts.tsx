import { Segmented } from "antd";
import type { AppConflict } from "../../api/schema";
import { useWords } from "../../app/language";
import { Sides } from "./Sides";

/** Where both sides changed the same thing: as it was brought, as we have it, as the app has it now; one is chosen. */
export function Conflicts(props: {
  conflicts: AppConflict[];
  theirs: string[];
  onChoose: (at: string, side: "mine" | "theirs") => void;
}) {
  const { conflicts, theirs, onChoose } = props;
  const { t } = useWords();
  return (
    <section className="impact" aria-label={t("apps.conflicts")}>
      <h3>{t("apps.conflicts")}</h3>
      <p className="blank">{t("apps.conflictsLead")}</p>
      {conflicts.map((each) => (
        <article key={each.at} className="app-conflict">
          <header>
            <b>{each.label}</b>
            <span className="blank">{t(`piece.${each.kind}`, { defaultValue: each.kind })}</span>
            <span className="gap" />
            <Segmented
              size="small"
              aria-label={t("apps.sideOf", { name: each.label })}
              value={theirs.includes(each.at) ? "theirs" : "mine"}
              onChange={(side) => onChoose(each.at, side === "theirs" ? "theirs" : "mine")}
              options={[
                { value: "mine", label: t("apps.mine") },
                { value: "theirs", label: t("apps.theirs") },
              ]}
            />
          </header>
          {each.theirs === null && <p className="blank">{t("apps.theirsGone")}</p>}
          {each.mine === null && <p className="blank">{t("apps.mineGone")}</p>}
          <Sides of={each} sides={["base", "mine", "theirs"]} />
        </article>
      ))}
    </section>
  );
}
