import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useModel } from "../../api/queries";
import type { FieldValue, Page, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Chart, type ChartOption } from "../../design/Chart";
import { Level } from "../../design/Level";
import { drillFilter } from "../../meta/drill";
import { fieldAt } from "../../meta/target";
import { Value, valueText } from "../../meta/Value";
import {
  columnOf,
  type Figure,
  type Found,
  groupText,
  type Lights,
  type Listed,
  type Picture,
  type Row,
  shortNumber,
  type Widget,
} from "./boards";

/** What a widget shows. Everything in it opens into the records behind it. */
export function WidgetView({ widget, found }: { widget: Widget; found: Found }): ReactNode {
  switch (widget.kind) {
    case "number":
    case "gauge":
      return <FigureView widget={widget} value={found as FieldValue} />;
    case "lights":
      return <LightsView widget={widget} counts={found as { key: string; colour: string; n: number }[]} />;
    case "list":
      return <ListView widget={widget} page={found as Page} />;
    case "text":
      return <TextView text={widget.text} />;
    default:
      return widget.kind === "table" ? (
        <TableView widget={widget} rows={found as Row[]} />
      ) : (
        <PictureView widget={widget} rows={found as Row[]} />
      );
  }
}

function useDrill() {
  const navigate = useNavigate();
  return (object: string, filter: string | undefined) =>
    void navigate({ to: "/records/$object", params: { object }, search: filter === undefined ? {} : { filter } });
}

function FigureView({ widget, value }: { widget: Figure; value: FieldValue }) {
  const { t, say, language } = useWords();
  const drill = useDrill();
  const number = value === null ? null : Number(value);
  const open = () => drill(widget.object, widget.filter ?? undefined);
  if (number === null || Number.isNaN(number))
    return (
      <button type="button" className="figure" onClick={open}>
        <span className="blank">{t("noValue")}</span>
      </button>
    );
  const { text, unit } = shortNumber(number, language);
  const share = widget.target === null ? null : number / widget.target;
  return (
    <button type="button" className="figure" onClick={open}>
      <b>{text}</b> <span>{`${unit}${say(widget.unit)}`}</span>
      {share !== null && (
        <>
          <span className="bar-track">
            <span className="bar-fill" style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
          </span>
          <span className="figure-target">
            {Math.round(share * 100)}% ·{" "}
            {t("targetOf", {
              target: shortNumber(widget.target ?? 0, language).text + shortNumber(widget.target ?? 0, language).unit,
            })}
          </span>
        </>
      )}
    </button>
  );
}

function LightsView({ widget, counts }: { widget: Lights; counts: { key: string; colour: string; n: number }[] }) {
  const { say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  // The class of a segment is a field of its object, which is how its members are listed.
  const object = objects.find((each) => (each.metrics ?? []).some((field) => field.key === widget.segment));
  const field = object?.metrics?.find((each) => each.key === widget.segment);
  const total = counts.reduce((sum, each) => sum + each.n, 0);
  const labelOf = (key: string) => {
    const choices = (field?.options.choices ?? []) as { key: string; label: { zh: string; en: string } }[];
    return say(choices.find((each) => each.key === key)?.label) || key;
  };
  return (
    <div className="lights">
      {counts.map((each) => (
        <button
          key={each.key}
          type="button"
          disabled={object === undefined}
          onClick={() => object && drill(object.key, `${widget.segment} = '${each.key}'`)}
        >
          <Level
            level={each.colour === "red" || each.colour === "yellow" || each.colour === "green" ? each.colour : "info"}
          >
            {labelOf(each.key)}
          </Level>
          <b>{each.n.toLocaleString(language)}</b>
          <span>{total === 0 ? "" : `${Math.round((each.n / total) * 100)}%`}</span>
        </button>
      ))}
    </div>
  );
}

function ListView({ widget, page }: { widget: Listed; page: Page }) {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const objects = useModel().data?.objects ?? [];
  const object = objects.find((each) => each.key === widget.object);
  const keys = widget.fields.length > 0 ? widget.fields : (object?.fields ?? []).slice(0, 4).map((field) => field.key);
  const fields = keys.flatMap((key) => fieldAt(objects, widget.object, key) ?? []);
  const open = (row: RecordRow) =>
    void navigate({ to: "/records/$object", params: { object: widget.object }, search: { record: row.id } });
  if (page.items.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  return (
    <table className="plain">
      <tbody>
        {page.items.map((row) => (
          <tr key={row.id}>
            {fields.map((field, at) => (
              <td key={field.key}>
                {at === 0 ? (
                  <button type="button" className="text-button" onClick={() => open(row)}>
                    {valueText(field, row[field.key], language) || "—"}
                  </button>
                ) : (
                  <Value field={field} value={row[field.key]} language={language} />
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Paragraphs; a line that begins with a dash is one of a list. */
function TextView({ text }: { text: { zh: string; en: string } }) {
  const { say } = useWords();
  return (
    <div className="board-text">
      {say(text)
        .split(/\n+/)
        .map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name than its place
          <p key={at}>{line}</p>
        ))}
    </div>
  );
}

function TableView({ widget, rows }: { widget: Picture; rows: Row[] }) {
  const { say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  const [group = ""] = widget.group_by;
  const heads = [
    ...widget.group_by.map((each) => ({
      key: columnOf(each),
      label: say(fieldAt(objects, widget.object, each)?.label) || each,
    })),
  ];
  return (
    <table className="plain">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head.key} scope="col">
              {head.label}
            </th>
          ))}
          {Object.keys(widget.measures).map((name) => (
            <th key={name} scope="col" className="number">
              {measureName(widget, name, objects, say)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={JSON.stringify(widget.group_by.map((each) => row[columnOf(each)]))}>
            {widget.group_by.map((each, at) => (
              <td key={each}>
                {at === 0 ? (
                  <button
                    type="button"
                    className="text-button"
                    onClick={() => drill(widget.object, drillFilter(widget.filter, group, row[columnOf(group)]))}
                  >
                    {groupText(row[columnOf(each)], each, fieldAt(objects, widget.object, each), language)}
                  </button>
                ) : (
                  groupText(row[columnOf(each)], each, fieldAt(objects, widget.object, each), language)
                )}
              </td>
            ))}
            {Object.keys(widget.measures).map((name) => (
              <td key={name} className="number">
                {row[name] === null ? "—" : Number(row[name]).toLocaleString("en", { maximumFractionDigits: 2 })}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Say = (label: { zh: string; en: string } | null | undefined) => string;

/** What a measure is called: its field's name, or that it counts. */
function measureName(widget: Picture, name: string, objects: Parameters<typeof fieldAt>[0], say: Say): string {
  const text = widget.measures[name] ?? "";
  const inner = /\(([a-z0-9_.]+)\)/.exec(text)?.[1];
  const field = inner === undefined ? undefined : fieldAt(objects, widget.object, inner);
  return field ? say(field.label) : name === "n" || text === "count" ? say({ zh: "条数", en: "Count" }) : name;
}

function PictureView({ widget, rows }: { widget: Picture; rows: Row[] }) {
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
    xAxis: { type: "category", data: names },
    yAxis: {
      type: "value",
      axisLabel: {
        formatter: (value: number) => shortNumber(value, language).text + shortNumber(value, language).unit,
      },
    },
    series,
  };
  return <Chart label={label} onPick={pick} option={option} />;
}

/** Stages one under another: the bar tells how many, the last column what came through from the stage before. */
function FunnelView(props: { names: string[]; values: (number | null)[]; onPick: (index: number) => void }) {
  const { names, values, onPick } = props;
  const { language } = useWords();
  const most = Math.max(1, ...values.map((each) => each ?? 0));
  return (
    <div className="funnel">
      {names.map((name, at) => {
        const value = values[at] ?? 0;
        const before = at === 0 ? null : (values[at - 1] ?? 0);
        const { text, unit } = shortNumber(value, language);
        return (
          <button key={name} type="button" onClick={() => onPick(at)}>
            <span>{name}</span>
            <span className="funnel-track">
              <span style={{ width: `${(value / most) * 100}%` }} />
            </span>
            <b>
              {text}
              {unit}
            </b>
            <span>{before ? `${Math.round((value / before) * 100)}%` : ""}</span>
          </button>
        );
      })}
    </div>
  );
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
        grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
        xAxis: { type: "category", data: xs },
        yAxis: { type: "category", data: ys },
        visualMap: { show: false, min: 0, max: most, inRange: { color: ["#eef3fd", "#2f5bd7"] } },
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
