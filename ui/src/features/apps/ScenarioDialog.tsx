import { Button, Modal, Steps } from "antd";
import { useState } from "react";
import type { AppPlan, AppScenario } from "../../api/schema";
import { useWords } from "../../app/language";
import { Faults } from "../../designers/change/Faults";
import { takeBack, useTellDone } from "../../designers/change/told";
import { Planned } from "./PlanDialog";
import { usePlan } from "./planning";
import { useScenarios } from "./queries";
import { ScenarioChoice } from "./ScenarioChoice";
import { FirstFigure, ScenarioSources } from "./ScenarioStart";

/** From the worst pain to its first figure: choose it, see what comes, connect where the data are, look (S0-37). */
export function ScenarioDialog({ app, label, onClose }: { app: string; label: string; onClose: () => void }) {
  const { t } = useWords();
  const scenarios = useScenarios(app);
  const [step, setStep] = useState(0);
  const [key, setKey] = useState<string>();
  const found = scenarios.data ?? [];
  const chosen = found.find((each) => each.key === key);
  return (
    <Modal open width={760} title={t("scenario.title", { name: label })} onCancel={onClose} footer={null}>
      <div className="scenario">
        <Steps
          size="small"
          current={step}
          items={(["choose", "preview", "connect", "figure"] as const).map((each) => ({
            title: t(`scenario.step.${each}`),
          }))}
        />
        {scenarios.error && <Faults message={scenarios.error.message} faults={[]} />}
        {scenarios.isPending && <p className="blank">{t("loading")}</p>}
        {step === 0 && <ScenarioChoice scenarios={found} chosen={key} onChoose={setKey} />}
        {step === 1 && chosen && (
          <Coming app={app} scenario={chosen} onBack={() => setStep(0)} onDone={() => setStep(2)} />
        )}
        {step === 2 && chosen && <ScenarioSources scenario={chosen} onLeave={onClose} />}
        {step === 3 && chosen && <FirstFigure proof={chosen.proof} onLeave={onClose} />}
        {step !== 1 && (
          <footer className="scenario-foot">
            {step === 3 ? (
              <Button onClick={() => setStep(2)}>{t("back")}</Button>
            ) : (
              <Button onClick={onClose}>{t("cancel")}</Button>
            )}
            {step < 3 ? (
              <Button type="primary" disabled={!chosen} onClick={() => setStep(nextOf(step, chosen))}>
                {t("scenario.next")}
              </Button>
            ) : (
              <Button type="primary" onClick={onClose}>
                {t("scenario.done")}
              </Button>
            )}
          </footer>
        )}
      </div>
    </Modal>
  );
}

/** Of what is there already nothing has to come. */
const nextOf = (step: number, scenario: AppScenario | undefined) => (step === 0 && scenario?.installed ? 2 : step + 1);

function Coming(props: { app: string; scenario: AppScenario; onBack: () => void; onDone: () => void }) {
  const { app, scenario, onBack, onDone } = props;
  const { t } = useWords();
  const tell = useTellDone();
  const plan = usePlan({ kind: "install", app, scenarios: [scenario.key] });
  const done = ({ change }: AppPlan) => {
    tell(`scenario ${scenario.key}`, scenario.label, change === null ? undefined : () => takeBack(change));
    onDone();
  };
  return (
    <>
      <Planned plan={plan} />
      <footer className="scenario-foot">
        <Button onClick={onBack}>{t("back")}</Button>
        <Button type="primary" disabled={!plan.sound} loading={plan.isBusy} onClick={() => void plan.apply(done)}>
          {t("scenario.install")}
        </Button>
      </footer>
    </>
  );
}
