import { Link } from "@tanstack/react-router";
import type { AppScenario } from "../../api/schema";
import { useWords } from "../../app/language";
import { useBoard } from "../boards/queries";
import { WidgetView } from "../boards/WidgetView";
import { HealthMark } from "../sources/HealthMark";
import { useSources } from "../sources/queries";

/** Where the scenario's data come from, and how each of these sources fares. */
export function ScenarioSources({ scenario, onLeave }: { scenario: AppScenario; onLeave: () => void }) {
  const { t } = useWords();
  const known = useSources().data ?? [];
  return (
    <>
      <p className="lead">{t("scenario.connectLead")}</p>
      <ul className="app-list">
        {scenario.sources.map((each) => {
          const source = known.find((one) => one.key === each.key);
          return (
            <li key={each.key} className="app-card">
              <b className="app-words">{each.label}</b>
              {source && <HealthMark source={source} />}
              <Link to="/build/sources" search={{ source: each.key }} onClick={onLeave}>
                {t("scenario.connect")}
              </Link>
            </li>
          );
        })}
      </ul>
      <p className="blank">{t("scenario.files", { objects: scenario.objects.map((each) => each.label).join("、") })}</p>
    </>
  );
}

/** The figure that proves it, as it stands now; its board is a click away. */
export function FirstFigure({ proof, onLeave }: { proof: AppScenario["proof"]; onLeave: () => void }) {
  const { t } = useWords();
  const drawn = useBoard(proof.board).data;
  const shown = drawn?.widgets.find((each) => each.widget.key === proof.widget);
  return (
    <>
      <p className="lead">{t("scenario.figureLead")}</p>
      {shown ? (
        <section className="scenario-figure" aria-label={proof.label}>
          <h3>{proof.label}</h3>
          <WidgetView widget={shown.widget} found={shown.found} asked={[]} />
        </section>
      ) : (
        <p className="blank">{t("loading")}</p>
      )}
      <Link to="/boards/$board" params={{ board: proof.board }} onClick={onLeave}>
        {t("scenario.toBoard", { board: proof.board_label })}
      </Link>
    </>
  );
}
