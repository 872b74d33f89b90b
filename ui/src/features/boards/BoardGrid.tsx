import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import type { Asked, DrawnWidget } from "./boards";
import { WidgetView } from "./WidgetView";

/** The widgets of a board where they lie. */
export function BoardGrid({ widgets, asked }: { widgets: DrawnWidget[]; asked: Asked[] }) {
  const { t, say } = useWords();
  if (widgets.length === 0) return <Empty title={t("boardEmpty")} lead={t("boardEmptyLead")} />;
  return (
    <div className="board">
      {widgets.map(({ widget, found, faults }) => (
        <section
          key={widget.key}
          className="widget"
          data-kind={widget.kind}
          aria-label={say(widget.label)}
          style={{
            gridColumn: `${widget.spot.x + 1} / span ${widget.spot.w}`,
            gridRow: `${widget.spot.y + 1} / span ${widget.spot.h}`,
          }}
        >
          <h2>{say(widget.label)}</h2>
          <div className="widget-body">
            {faults.length > 0 ? (
              <p className="lead">{faults[0]?.message}</p>
            ) : (
              <WidgetView widget={widget} found={found} asked={asked} />
            )}
          </div>
        </section>
      ))}
    </div>
  );
}
