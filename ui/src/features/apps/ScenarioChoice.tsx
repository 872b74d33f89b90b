import { Radio, Tag } from "antd";
import type { AppScenario } from "../../api/schema";
import { useWords } from "../../app/language";

/** The pains one may begin with: what each brings of how much, from where, and the figure that proves it. */
export function ScenarioChoice(props: {
  scenarios: AppScenario[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
}) {
  const { scenarios, chosen, onChoose } = props;
  const { t } = useWords();
  return (
    <>
      <p className="lead">{t("scenario.lead")}</p>
      <Radio.Group
        className="scenario-list"
        value={chosen}
        onChange={(event) => onChoose(event.target.value as string)}
        aria-label={t("scenario.step.choose")}
      >
        {scenarios.map((each) => (
          <Radio key={each.key} value={each.key} className="scenario-card">
            <b>{each.label}</b> {each.installed && <Tag>{t("scenario.there")}</Tag>}
            <p>{each.pain}</p>
            <p className="blank">
              {t("scenario.proves", { figure: each.proof.label })} · <Shares scenario={each} />
            </p>
          </Radio>
        ))}
      </Radio.Group>
    </>
  );
}

const TOLD = ["object", "field", "source"];

function Shares({ scenario }: { scenario: AppScenario }) {
  const { t } = useWords();
  const told = scenario.shares.filter((each) => TOLD.includes(each.kind));
  return (
    <>
      {told
        .map(({ kind, count, of }) => t("scenario.share", { count, of, kind: t(`piece.${kind}`).toLowerCase() }))
        .join(t("scenario.comma"))}
    </>
  );
}
