import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { ObjectIcon } from "../../design/ObjectIcon";
import { fieldAt } from "../../meta/target";
import { Value, valueText } from "../../meta/Value";
import type { Listed } from "../boards/boards";

/** A row of a timeline panel: its first field is what was said or done, the others stand beside it. */
export function Talk({ widget, row, children }: { widget: Listed; row: RecordRow; children: ReactNode }) {
  const { say, language } = useWords();
  const objects = useModel().data?.objects ?? [];
  const object = objects.find((each) => each.key === widget.object);
  const [said, ...beside] = widget.fields.flatMap((key) => fieldAt(objects, widget.object, key) ?? []);
  const text = said && valueText(said, row[said.key], language);
  return (
    <>
      {object ? <ObjectIcon object={object} size={13} /> : <span />}
      <div>
        <b>{say(widget.label)}</b>{" "}
        {beside
          .filter((field) => row[field.key] !== null && row[field.key] !== undefined)
          .map((field) => (
            <span key={field.key} className="talk-beside" title={say(field.label)}>
              <Value field={field} value={row[field.key]} language={language} />
            </span>
          ))}{" "}
        {children}
        <p className="talk-text">
          <Link to="/records/$object/$id" params={{ object: widget.object, id: row.id }}>
            {text || "—"}
          </Link>
        </p>
      </div>
    </>
  );
}
