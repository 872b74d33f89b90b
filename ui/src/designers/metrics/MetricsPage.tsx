import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { Plus } from "lucide-react";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { DesignerList } from "../DesignerList";
import "../designers.css";
import { labelOf, useDesigns } from "../definitions";
import { newMetric } from "./draft";
import { MetricBuilder } from "./MetricBuilder";
import { metricSentence } from "./sentence";

/** The metrics by object, each in a sentence; one of them, or a new one, in the builder. */
export function MetricsPage() {
  const { t, say, language } = useWords();
  const designs = useDesigns();
  const asked = useSearch({ from: "/build/metrics" }).item;
  const navigate = useNavigate({ from: "/build/metrics" });
  if (designs === undefined) return null;
  const show = (item?: string) => void navigate({ search: item === undefined ? {} : { item } });
  const metrics = designs.metric_definitions;
  const object = designs.objects.find((each) => !each.builtin)?.key ?? "";
  const shown = asked === "new" ? newMetric(designs, object) : metrics.find((each) => each.key === asked);
  if (shown !== undefined)
    return (
      <MetricBuilder key={asked} saved={shown.key === "" ? undefined : shown} start={shown} onClose={() => show()} />
    );
  const objects = designs.objects.filter((each) => metrics.some((metric) => metric.object === each.key));
  return (
    <>
      <header className="bar">
        <PageTitle>{t("metrics")}</PageTitle>
        <span className="gap" />
        <Button type="primary" icon={<Plus size={14} aria-hidden />} onClick={() => show("new")}>
          {t("metric.add")}
        </Button>
      </header>
      <div className="page designs">
        {metrics.length === 0 && <Empty title={t("metric.none")} lead={t("metric.noneLead")} />}
        {objects.map((each) => (
          <DesignerList
            key={each.key}
            title={say(each.label)}
            items={metrics.filter((metric) => metric.object === each.key)}
            onOpen={(metric) => show(metric.key)}
            render={(metric) => (
              <>
                <b>{say(metric.label)}</b>
                {metric.unit && <span className="blank">{say(metric.unit)}</span>}
                <span className="chip">{t(`metric.purpose.${metric.purpose}`)}</span>
                <p>
                  {t("metric.of", { name: say(labelOf(designs, metric.object)) })}
                  {metricSentence(metric, designs, language, t)}
                </p>
              </>
            )}
          />
        ))}
      </div>
    </>
  );
}
