import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Colour } from "../records/Figures";
import { useClasses } from "../records/figures";
import type { Drawn, Widget } from "./boards";
import { WidgetView } from "./WidgetView";

/** A panel's widgets one under another, in the order they are laid out. */
export function Panel({ drawn, object, id }: { drawn: Drawn; object: ObjectDef; id: string }) {
  const { say } = useWords();
  const order = [...drawn.widgets].sort(
    ({ widget: one }, { widget: other }) => one.spot.y - other.spot.y || one.spot.x - other.spot.x,
  );
  return (
    <div className="panel">
      {order.map(({ widget, found, faults }) => (
        <section key={widget.key} className="block" aria-label={say(widget.label)}>
          <header>
            <h2>{say(widget.label)}</h2>
          </header>
          {faults.length > 0 ? (
            <p className="lead">{faults[0]?.message}</p>
          ) : widget.kind === "lights" ? (
            <OwnClass widget={widget} object={object} id={id} />
          ) : (
            <div data-kind={widget.kind}>
              <WidgetView widget={widget} found={found} asked={drawn.asked} />
            </div>
          )}
        </section>
      ))}
    </div>
  );
}

/** On a record's page a light is the record's own class, with why it has it. */
function OwnClass(props: { widget: Extract<Widget, { kind: "lights" }>; object: ObjectDef; id: string }) {
  const { widget, object, id } = props;
  const { t } = useWords();
  const found = useClasses(object.key, id);
  const standing = found.data?.items.find((each) => each.segment === widget.segment);
  if (standing === undefined) return <p className="lead">{found.isSuccess ? t("noClass") : ""}</p>;
  return <Colour object={object} standing={standing} />;
}
