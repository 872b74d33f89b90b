import { Segmented } from "antd";
import { useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { optionsOf } from "../../meta/options";
import { Matters } from "../today/Matters";
import { useNow } from "../today/now";
import { useMySignals } from "../today/tasks";

/** The stream of signals (销售动态流), by the gap they show. */
export function SignalsPage() {
  const { t, language } = useWords();
  const [gap, setGap] = useState("");
  const now = useNow();
  const signals = useMySignals();
  const field = useModel()
    .data?.objects.find((each) => each.key === "signal")
    ?.fields.find((each) => each.key === "gap");
  const shown = (signals.data?.items ?? []).filter((signal) => gap === "" || signal.gap === gap);
  const options = [
    { value: "", label: t("all") },
    ...(field ? optionsOf(field) : []).map((each) => ({
      value: each.key,
      label: each.label[language] || each.label.zh,
    })),
  ];
  return (
    <>
      <header className="bar">
        <PageTitle>{t("signalsPage")}</PageTitle>
      </header>
      <div className="bar tools">
        <Segmented aria-label={t("gap")} value={gap} options={options} onChange={(value) => setGap(String(value))} />
      </div>
      <div className="page today">
        {signals.isSuccess && shown.length === 0 ? (
          <Empty title={t("signalsNothing")} lead={t("signalsNothingLead")} />
        ) : (
          <section className="work-block">
            <ul>
              <Matters matters={shown.map((row) => ({ kind: "signal", row }))} now={now} named />
            </ul>
          </section>
        )}
      </div>
    </>
  );
}
