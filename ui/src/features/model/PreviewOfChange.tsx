import { useModel } from "../../api/queries";
import type { ChangeLoss, ChangePreview } from "../../api/schema";
import { useWords } from "../../app/language";

/** What a change would do, as the API tells it. */
export type Preview = ChangePreview;

const FEW = 5;

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
        <Lost key={`${loss.object}${loss.kind}${loss.fields.join()}`} loss={loss} />
      ))}
      {preview.losses.length === 0 && preview.faults.length === 0 && <p className="blank">{t("nothingLost")}</p>}
    </section>
  );
}

/** Some of the cells that would be lost, so that one knows what one lets go. */
function Lost({ loss }: { loss: ChangeLoss }) {
  const { t, say } = useWords();
  const object = useModel().data?.objects.find((each) => each.key === loss.object);
  const samples = loss.samples.slice(0, FEW);
  const count = loss.exact ? loss.count : t("about", { count: loss.count });
  return (
    <div className="loss">
      <p className="fault">{t("lossOf", { name: say(object?.label) || loss.object, count, meaning: loss.meaning })}</p>
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
                <td>{sample.value ?? t("wholeRecordLost")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
