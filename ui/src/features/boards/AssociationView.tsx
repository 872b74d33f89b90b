import { useNavigate } from "@tanstack/react-router";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Chart } from "../../design/Chart";
import { fieldAt } from "../../meta/target";
import type { Associated, Association } from "./boards";
import { figureText } from "./measures";

/** Each record as a point, the line that lies nearest, and in words what that says and what it does not. */
export function AssociationView({ widget, found }: { widget: Association; found: Associated }) {
  const { t, say, language } = useWords();
  const navigate = useNavigate();
  const objects = useModel().data?.objects ?? [];
  const { points, fit } = found;
  if (points.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  const [across, up] = [fieldAt(objects, widget.object, widget.x), fieldAt(objects, widget.object, widget.y)];
  const xs = points.map((each) => each.x);
  const ends = [Math.min(...xs), Math.max(...xs)];
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  const said = {
    n: points.length,
    r2: fit ? fit.r2.toFixed(2) : "",
    least: fit ? fit.least.toFixed(2) : "",
    most: fit ? fit.most.toFixed(2) : "",
    share: fit ? percent(fit.r2) : "",
  };
  return (
    <div className="association">
      <p>
        {fit === null ? t("association.few", said) : <b>{t("association.r2", said)}</b>}{" "}
        {fit !== null && t(fit.is_clear ? "association.clear" : "association.unclear", said)}
      </p>
      <Chart
        label={say(widget.label)}
        onPick={({ dataIndex }) => {
          const point = points[dataIndex];
          if (point !== undefined)
            void navigate({ to: "/records/$object/$id", params: { object: widget.object, id: point.id } });
        }}
        option={{
          tooltip: { trigger: "item" },
          grid: { left: 8, right: 16, top: 26, bottom: 24, containLabel: true },
          xAxis: axis(say(across?.label), "middle", 26, (value) => figureText(across, value, language)),
          yAxis: axis(say(up?.label), "end", 10, (value) => figureText(up, value, language)),
          series: [
            {
              type: "scatter",
              symbolSize: 9,
              data: points.map((each) => [each.x, each.y]),
              tooltip: {
                formatter: ({ dataIndex }: { dataIndex: number }) => {
                  const point = points[dataIndex];
                  return point ? `${figureText(across, point.x, language)} · ${figureText(up, point.y, language)}` : "";
                },
              },
            },
            ...(fit
              ? [
                  {
                    type: "line" as const,
                    symbol: "none",
                    silent: true,
                    lineStyle: { type: fit.is_clear ? ("solid" as const) : ("dashed" as const) },
                    data: ends.map((x) => [x, fit.intercept + fit.slope * x]),
                  },
                ]
              : []),
          ],
        }}
      />
      <p className="lead">{t(found.cut ? "association.notCauseCut" : "association.notCause", said)}</p>
    </div>
  );
}

const axis = (name: string, place: "middle" | "end", gap: number, formatter: (value: number) => string) => ({
  type: "value" as const,
  scale: true,
  name,
  nameLocation: place,
  nameGap: gap,
  nameTextStyle: { align: place === "end" ? "left" : "center" },
  axisLabel: { formatter },
});
