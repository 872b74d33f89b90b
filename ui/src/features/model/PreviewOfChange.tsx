import type { Fault } from "../../api/types";
import { useWords } from "../../app/language";

/** What a change would do, as the API tells it. */
export interface Preview {
  faults: Fault[];
  seconds: number;
  steps: { label: string; waiting: string; rows: number; seconds: number }[];
  losses: { meaning: string; count: number }[];
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
        </p>
      ))}
      <ul>
        {preview.steps.map((step) => (
          <li key={step.label}>
            {step.label}
            <span className="blank"> · {step.waiting}</span>
          </li>
        ))}
        {preview.losses.map((loss) => (
          <li key={loss.meaning} className="fault">
            {loss.meaning}
          </li>
        ))}
      </ul>
      {preview.losses.length === 0 && <p className="blank">{t("nothingLost")}</p>}
    </section>
  );
}
