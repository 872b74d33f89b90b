import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import zh from "echarts/lib/i18n/langZH.js";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useWords } from "../app/language";
import { useTheme } from "../app/theme";

echarts.use([
  BarChart,
  LineChart,
  HeatmapChart,
  ScatterChart,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  VisualMapComponent,
  AriaComponent,
  SVGRenderer,
]);
echarts.registerLocale("ZH", zh as never);

export type ChartOption = Record<string, unknown>;
export interface Clicked {
  dataIndex: number;
  data: unknown;
}

interface ChartColours {
  text: string;
  line: string;
  panel: string;
  /** From little to much. */
  shades: string[];
  ramp: string[];
}

/** The colours of charts from the page's own tokens: one blue ramp; red, yellow and green are for judgement only. */
export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of("--text-2"),
    line: of("--line"),
    panel: of("--panel"),
    shades: [of("--blue-bg"), of("--brand")],
    ramp: [of("--brand"), "#7f9ce8", "#1c3a94", "#b3c4f2", "#5b6470", "#a9b0ba"],
  };
}

interface ChartProps {
  option: ChartOption;
  label: string;
  onPick?: (clicked: Clicked) => void;
}

/** A picture as SVG, so that it prints sharply; it is described in words for who cannot see it. */
export function Chart(props: ChartProps) {
  const { dark } = useTheme();
  // Drawn anew in the other theme: its colours are read from the page.
  return <Drawing key={dark ? "dark" : "light"} {...props} />;
}

function Drawing({ option, label, onPick }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const { language } = useWords();
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    const node = place.current;
    if (node === null) return;
    const chart = echarts.init(node, null, { renderer: "svg", locale: language === "zh" ? "ZH" : "EN" });
    const colours = chartColours();
    chart.setOption({
      color: colours.ramp,
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 180,
      textStyle: { color: colours.text, fontFamily: "inherit" },
      aria: { enabled: true, label: { description: label } },
      ...coloured(option, colours),
    });
    chart.on("click", (event) => pick.current?.({ dataIndex: event.dataIndex, data: event.data }));
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(node);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [option, label, language]);
  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

function coloured(option: ChartOption, { text, line, panel, shades }: ChartColours): ChartOption {
  const axis = (given: { axisLabel?: object }) => ({
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: line } },
    ...given,
    axisLabel: { color: text, fontSize: 11, ...given.axisLabel },
  });
  const { xAxis, yAxis, tooltip, visualMap } = option as Record<string, object | undefined>;
  return {
    ...option,
    ...(xAxis && { xAxis: axis(xAxis) }),
    ...(yAxis && { yAxis: axis(yAxis) }),
    ...(tooltip && {
      tooltip: { backgroundColor: panel, borderColor: line, textStyle: { color: text, fontSize: 12 }, ...tooltip },
    }),
    ...(visualMap && { visualMap: { inRange: { color: shades }, ...visualMap } }),
  };
}
