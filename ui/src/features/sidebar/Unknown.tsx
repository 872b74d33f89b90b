import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useModel } from "../../api/queries";
import type { ChatOf } from "../../api/schema";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { RecordPicker } from "../../designers/RecordPicker";
import { offers } from "../../meta/offers";
import { useLink } from "./chats";

/** Nobody knows yet whose chat it is: who it may be and why, confirmed by one click. */
export function Unknown({ source, of }: { source: string; of: ChatOf }) {
  const { t, say } = useWords();
  const { link } = useLink(source, of);
  const object = useModel().data?.objects.find((each) => each.key === of.object);
  const [chosen, setChosen] = useState<string>();
  const name = say(object?.label);
  return (
    <section className="side-bar-part" aria-label={t("sideBar.whose", { name })}>
      <h2>{t("sideBar.whose", { name })}</h2>
      <p className="lead">{t(of.candidates.length > 0 ? "sideBar.likely" : "sideBar.nobodyAlike", { name })}</p>
      {link.isError && (
        <p role="alert" className="fault">
          {link.error.message}
        </p>
      )}
      <ul className="candidates">
        {of.candidates.map((each) => (
          <li key={each.id}>
            <div>
              <b>{each.label}</b>
              <p className="lead">{each.reasons.join("；")}</p>
            </div>
            <span className="chip">{t("sideBar.alike", { percent: Math.round(100 * each.score) })}</span>
            <Button
              type="primary"
              size="small"
              loading={link.isPending && link.variables === each.id}
              aria-label={t("sideBar.isIt", { name: each.label })}
              onClick={() => link.mutate(each.id)}
            >
              {t("sideBar.confirm")}
            </Button>
          </li>
        ))}
      </ul>
      <div className="side-bar-other">
        <RecordPicker object={of.object} label={t("sideBar.other", { name })} value={chosen} onChange={setChosen} />
        <Button disabled={chosen === undefined} onClick={() => chosen !== undefined && link.mutate(chosen)}>
          {t("sideBar.confirm")}
        </Button>
      </div>
      {object && offers(object, "create") && (
        <Link {...wayToRecord(of.object, "new")}>{t("captureNew", { name })}</Link>
      )}
    </section>
  );
}
