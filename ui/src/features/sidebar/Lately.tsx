import { Checkbox } from "antd";
import { useWords } from "../../app/language";
import { usePanels } from "../boards/queries";
import { Talk } from "../records/Talk";
import { talkOf } from "../records/timeline";

const SHOWN = 12;

/** What was said and done lately: calls, chat, promises noted in follow-ups. What a follow-up can refer to can be ticked. */
export function Lately(props: {
  object: string;
  id: string;
  /** The objects whose records can be ticked. */
  said: ReadonlySet<string>;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}) {
  const { object, id, said, chosen, onChoose } = props;
  const { t, language } = useWords();
  const panels = usePanels(object, id, "timeline");
  const rows = talkOf(panels.data ?? [])
    .sort((one, other) => new Date(other.at).getTime() - new Date(one.at).getTime())
    .slice(0, SHOWN);
  const tick = (row: string, on: boolean) =>
    onChoose(new Set(on ? [...chosen, row] : [...chosen].filter((each) => each !== row)));
  if (panels.data?.length === 0) return null;
  return (
    <section className="side-bar-part" aria-label={t("sideBar.lately")}>
      <h2>{t("sideBar.lately")}</h2>
      {panels.isError && <p className="fault">{panels.error.message}</p>}
      {said.size > 0 && rows.length > 0 && <p className="lead">{t("sideBar.latelyLead")}</p>}
      {panels.isSuccess && rows.length === 0 && <p className="blank">{t("sideBar.nothingLately")}</p>}
      <ol className="history">
        {rows.map(
          (each) =>
            each.kind === "talk" && (
              <li key={each.key} data-kind="talk">
                <Talk widget={each.widget} row={each.row}>
                  <time className="when" dateTime={each.at}>
                    {new Date(each.at).toLocaleString(language === "en" ? "en" : "zh-CN", {
                      dateStyle: "short",
                      timeStyle: "short",
                    })}
                  </time>
                </Talk>
                {said.has(each.widget.object) && (
                  <Checkbox
                    aria-label={t("sideBar.take")}
                    title={t("sideBar.take")}
                    checked={chosen.has(each.row.id)}
                    onChange={(event) => tick(each.row.id, event.target.checked)}
                  />
                )}
              </li>
            ),
        )}
      </ol>
    </section>
  );
}
