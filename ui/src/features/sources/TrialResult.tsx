import { inWords } from "../../api/in-words";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { optionsOf } from "../../meta/options";
import { fieldAt } from "../../meta/target";
import { type Trial, useFieldNames } from "./queries";

const COUNTS = ["read", "inserted", "updated", "unchanged", "skipped", "waiting", "refused"] as const;

/** What would become of real rows: counts, and samples with the refused first. Nothing was written. */
export function TrialResult({ trial, object }: { trial: Trial; object: string }) {
  const { t, say } = useWords();
  const objects = useModel().data?.objects ?? [];
  const named = useFieldNames();
  const nameOf = (key: string) => named(object, key);
  const optionOf = (key: string, value: unknown) => {
    const field = fieldAt(objects, object, key);
    return field && say(optionsOf(field).find((each) => each.key === value)?.label);
  };
  return (
    <div className="trial">
      <p className="lead">{t("trialLead")}</p>
      <ul className="trial-counts">
        {COUNTS.map((name) => (
          <li key={name} data-bad={name === "refused" && trial.refused > 0}>
            <b>{trial[name]}</b> {t(`count.${name}`)}
          </li>
        ))}
      </ul>
      {trial.absent.length > 0 && <p className="hint">{t("absentPaths", { paths: trial.absent.join("、") })}</p>}
      <ul className="runs">
        {trial.samples.map((sample) => (
          <li key={sample.key}>
            <b>{sample.key}</b>
            {sample.faults.map((fault) => (
              <p key={`${fault.code}${fault.field}`} className="fault">
                {fault.field && t("saidOf", { name: nameOf(fault.field) })}
                {inWords(fault)}
              </p>
            ))}
            <dl className="seen">
              {Object.entries(sample.values).map(([name, value]) => (
                <div key={name} className="contents">
                  <dt>{nameOf(name)}</dt>
                  <dd>{optionOf(name, value) || (value ?? <span className="blank">{t("blank")}</span>)}</dd>
                </div>
              ))}
            </dl>
            <details>
              <summary>{t("rawRow")}</summary>
              <pre>{JSON.stringify(sample.body, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}
