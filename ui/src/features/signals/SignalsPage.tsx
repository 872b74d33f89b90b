import { Segmented } from "antd";
import { useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { optionsOf } from "../../meta/options";
import { Blocks } from "../today/Matters";
import { type MattersAsked, useGathered } from "../today/matters";
import { useNow } from "../today/now";

/** The stream of signals (销售动态流), the most urgent first; of one gap, if asked. */
export function SignalsPage() {
  const { t, language } = useWords();
  const [gap, setGap] = useState("");
  const now = useNow();
  const asked: MattersAsked = { whose: "all", ...(gap ? { gap } : {}) };
  const signals = useGathered("signal", asked);
  const field = useModel()
    .data?.objects.find((each) => each.key === "signal")
    ?.fields.find((each) => each.key === "gap");
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
        {signals.data?.length === 0 ? (
          <Empty title={t("signalsNothing")} lead={t("signalsNothingLead")} />
        ) : (
          <Blocks groups={signals.data ?? []} asked={asked} now={now} named />
        )}
      </div>
    </>
  );
}
