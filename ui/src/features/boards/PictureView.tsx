import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Chart, type ChartOption } from "../../design/Chart";
import { drillFilter } from "../../meta/drill";
import { fieldAt } from "../../meta/target";
import { columnOf, groupText, type Picture, type Row, shortNumber } from "./boards";
import { useDrill } from "./drilling";
import { FunnelView } from "./FunnelView";
import { measureName } from "./measures";

/** A chart of measures; a bar, a point or a cell opens into its records. */
export function PictureView({ widget, rows }: { widget: Picture; rows: Row[] }) {
  const { t, say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  if (rows.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  const [group = "", second] = widget.group_by;
  const field = fieldAt(objects, widget.object, group);
  const names = rows.map((row) => groupText(row[columnOf(group)], group, field, language));
  const measures = Object.keys(widget.measures);
  const numbers = (name: string) => rows.map((row) => (row[name] === null ? null : Number(row[name])));
  const label = say(widget.label);
  const pick = ({ dataIndex }: { dataIndex: number }) => {
    const row = rows[dataIndex];
    if (row !== undefined) drill(widget.object, drillFilter(widget.filter, group, row[columnOf(group)]));
  };
  if (widget.kind === "heat" && second !== undefined)
    return <HeatView widget={widget} rows={rows} group={group} second={second} label={label} />;
  if (widget.kind === "funnel")
    return <FunnelView names={names} values={numbers(measures[0] ?? "")} onPick={(dataIndex) => pick({ dataIndex })} />;
  const lines = widget.kind === "line" || widget.kind === "trend";
  const series = measures.map((name) => ({
    name: measureName(widget, name, objects, say),
    type: lines ? "line" : "bar",
    data: numbers(name),
    ...(lines ? { smooth: false, symbolSize: 5 } : { barMaxWidth: 28 }),
    ...(widget.kind === "trend" ? { areaStyle: { opacity: 0.08 } } : {}),
  }));
  const option: ChartOption = {
    tooltip: { trigger: "axis" },
    ...(measures.length > 1 ? { legend: { top: 0, itemWidth: 12, itemHeight: 8 } } : {}),
    grid: { left: 8, right: 12, top: measures.length > 1 ? 28 : 12, bottom: 4, containLabel: true },
    xAxis: {
      type: "category",
      data: names,
      // A long row of days ends within the card.
      axisLabel: lines ? { hideOverlap: true, alignMaxLabel: "right" } : { hideOverlap: true },
    },
    yAxis: {
      type: "value",
      // What is counted has no halves.
      ...(Object.values(widget.measures).every((each) => each === "count") ? { minInterval: 1 } : {}),
      axisLabel: {
        formatter: (value: number) => shortNumber(value, language).text + shortNumber(value, language).unit,
      },
    },
    series,
  };
  return <Chart label={label} onPick={pick} option={option} />;
}

function HeatView(props: { widget: Picture; rows: Row[]; group: string; second: string; label: string }) {
  const { widget, rows, group, second, label } = props;
  const { language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  const [name = ""] = Object.keys(widget.measures);
  const text = (row: Row, path: string) =>
    groupText(row[columnOf(path)], path, fieldAt(objects, widget.object, path), language);
  const xs = [...new Set(rows.map((row) => text(row, group)))];
  const ys = [...new Set(rows.map((row) => text(row, second)))];
  const most = Math.max(1, ...rows.map((row) => Number(row[name] ?? 0)));
  return (
    <Chart
      label={label}
      onPick={({ dataIndex }) => {
        const row = rows[dataIndex];
        if (row === undefined) return;
        const first = drillFilter(widget.filter, group, row[columnOf(group)]) ?? null;
        drill(widget.object, drillFilter(first, second, row[columnOf(second)]));
      }}
      option={{
        tooltip: {},
        grid: { left: 18, right: 8, top: 8, bottom: 8, containLabel: true },
        xAxis: { type: "category", data: xs },
        yAxis: { type: "category", data: ys },
        visualMap: { show: false, min: 0, max: most },
        series: [
          {
            type: "heatmap",
            label: { show: true },
            data: rows.map((row) => [
              xs.indexOf(text(row, group)),
              ys.indexOf(text(row, second)),
              Number(row[name] ?? 0),
            ]),
          },
        ],
      }}
    />
  );
}
