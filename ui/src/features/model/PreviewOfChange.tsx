import type { Fault } from "../../api/types";
import { useWords } from "../../app/language";

/** What would be lost: how many cells or records, and some of them. */
export interface Loss {
  meaning: string;
  count: number;
  samples?: { id: string; title: string | null; value: string | null }[];
}

/** What a change would do, as the API tells it. */
export interface Preview {
  faults: Fault[];
  seconds: number;
  steps: { label: string; waiting: string; rows: number; seconds: number }[];
  losses: Loss[];
  uses: { meaning?: string; label?: string }[];
}

/** The impact of a change before it is applied: what is refused, what is done, who waits for it, what would be lost. */
export function PreviewOfChange({ preview }: { preview: Preview }) {
  const { t } = useWords();
  return (
    <section aria-live="polite" className="impact">
      <h3>{t("impact")}</h3>
      {preview.faults.map((fault) => (
        <p key={`${fault.code}${fault.field}`} className="fault">
          {fault.message}
          {fault.field && <span className="blank"> · {fault.field}</span>}
        </p>
      ))}
      <ul>
        {preview.steps.map((step) => (
          <li key={step.label}>
            {step.label}
            <span className="blank"> · {step.waiting}</span>
          </li>
        ))}
      </ul>
      {preview.losses.map((loss) => (
        <Lost key={loss.meaning} loss={loss} />
      ))}
      {preview.losses.length === 0 && preview.faults.length === 0 && <p className="blank">{t("nothingLost")}</p>}
    </section>
  );
}

/** Some of the cells that would be lost, so that one knows what one lets go. */
function Lost({ loss }: { loss: Loss }) {
  const { t } = useWords();
  const samples = loss.samples ?? [];
  return (
    <div className="loss">
      <p className="fault">{loss.meaning}</p>
      {samples.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t("recordWord")}</th>
              <th scope="col">{t("lostValue")}</th>
            </tr>
          </thead>
          <tbody>
            {samples.map((sample) => (
              <tr key={sample.id}>
                <td>{sample.title ?? "—"}</td>
                <td>{sample.value ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
