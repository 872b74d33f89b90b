import { useEffect, useRef, useState } from "react";
import { useWords } from "../../../app/language";
import { hitsChart } from "./chart";
import type { Day } from "./queries";

/** How often the rule would have fired on each day. The figures stand in a table for who cannot see it. */
export function HitsChart({ days, against }: { days: Day[]; against?: Day[] | undefined }) {
  const { t, language } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const chart = hitsChart(days, width, 150);
  const other = against && hitsChart(against, width, 150);
  const total = days.reduce((sum, each) => sum + each.hits, 0);
  const name = (day: string) =>
    new Date(`${day}T00:00:00`).toLocaleDateString(language === "zh" ? "zh-CN" : "en", {
      month: "numeric",
      day: "numeric",
    });
  // Both versions by one measure: the taller one's.
  const most = (given: Day[]) => Math.max(0, ...given.map((each) => each.hits));
  const tall = against && most(against) > most(days) ? hitsChart(against, width, 150) : chart;
  const scale = (hits: number) => {
    const floor = tall.ticks[0]?.y ?? 0;
    const top = tall.ticks.at(-1);
    return top === undefined || top.value === 0 ? 0 : ((floor - top.y) * hits) / top.value;
  };
  const floor = tall.ticks[0]?.y ?? 0;
  return (
    <div ref={frame} className="hits">
      {against && (
        <p className="hits-legend">
          <i /> {t("past.draft")} <i className="other" /> {t("past.inForce")}
        </p>
      )}
      <svg
        viewBox={`0 0 ${chart.width} ${chart.height}`}
        width={chart.width}
        height={chart.height}
        role="img"
        aria-label={t("past.chart", { count: total, days: days.length })}
      >
        {tall.ticks.map((tick) => (
          <g key={tick.value}>
            <line x1={28} x2={chart.width} y1={tick.y} y2={tick.y} />
            <text x={22} y={tick.y + 4} textAnchor="end">
              {tick.value}
            </text>
          </g>
        ))}
        {other?.bars.map((bar) => (
          <rect
            key={bar.day}
            className="other"
            x={bar.x}
            y={floor - scale(bar.hits)}
            width={bar.width}
            height={scale(bar.hits)}
          />
        ))}
        {chart.bars.map((bar) => (
          <rect
            key={bar.day}
            x={other ? bar.x + bar.width / 4 : bar.x}
            y={floor - scale(bar.hits)}
            width={other ? bar.width / 2 : bar.width}
            height={scale(bar.hits)}
          >
            <title>{`${name(bar.day)} · ${bar.hits}`}</title>
          </rect>
        ))}
        {chart.names.map((each) => (
          <text key={each.day} x={each.x} y={chart.height - 4} textAnchor="middle">
            {name(each.day)}
          </text>
        ))}
      </svg>
    </div>
  );
}

function useWidth(frame: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const node = frame.current;
    if (node === null) return;
    const watch = new ResizeObserver(([entry]) => {
      // A hidden part has no width; it keeps the one it had.
      if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width));
    });
    watch.observe(node);
    return () => watch.disconnect();
  }, [frame]);
  return width;
}
