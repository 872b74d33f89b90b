import "react-grid-layout/css/styles.css";
import type { KeyboardEvent } from "react";
import ReactGridLayout, { useContainerWidth } from "react-grid-layout";
import { useWords } from "../../app/language";
import { At } from "../../designers/faults/FaultPlaces";
import type { Widget } from "./boards";
import { COLUMNS, nudged } from "./drafts";

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where the widgets lie: dragged and stretched by mouse, or moved by arrow keys and stretched with Shift. */
export function Canvas(props: {
  widgets: Widget[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
  onWidgets: (widgets: Widget[]) => void;
}) {
  const { widgets, chosen, onChoose, onWidgets } = props;
  const { t, say } = useWords();
  const { width, containerRef, mounted } = useContainerWidth();
  const key = (event: KeyboardEvent, widget: Widget) => {
    const arrow = ARROWS[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    onChoose(widget.key);
    const spot = nudged(widget.spot, arrow, event.shiftKey);
    onWidgets(widgets.map((each) => (each.key === widget.key ? { ...each, spot } : each)));
  };
  return (
    <div ref={containerRef} className="board-canvas">
      {mounted && (
        <ReactGridLayout
          width={width}
          layout={widgets.map(({ key: name, spot }) => ({ i: name, ...spot }))}
          gridConfig={{ cols: COLUMNS, rowHeight: 28, margin: [8, 8] }}
          onLayoutChange={(layout) =>
            onWidgets(
              widgets.map((each) => {
                const at = layout.find((item) => item.i === each.key);
                return at === undefined ? each : { ...each, spot: { x: at.x, y: at.y, w: at.w, h: at.h } };
              }),
            )
          }
        >
          {widgets.map((each) => (
            <div key={each.key}>
              <At place={`widgets.${each.key}`}>
                <button
                  type="button"
                  className="canvas-widget"
                  data-chosen={each.key === chosen}
                  aria-pressed={each.key === chosen}
                  aria-label={t("canvasAt", {
                    name: say(each.label),
                    x: each.spot.x + 1,
                    y: each.spot.y + 1,
                    w: each.spot.w,
                    h: each.spot.h,
                  })}
                  onClick={() => onChoose(each.key)}
                  onKeyDown={(event) => key(event, each)}
                >
                  {say(each.label)}
                </button>
              </At>
            </div>
          ))}
        </ReactGridLayout>
      )}
      {widgets.length > 0 && <p className="lead small">{t("canvasHow")}</p>}
    </div>
  );
}
