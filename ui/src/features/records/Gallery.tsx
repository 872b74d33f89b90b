import type { ObjectDef, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Value, valueText } from "../../meta/Value";
import { columnsOf } from "./columns";

/** Records as cards. */
export function Gallery(props: {
  object: ObjectDef;
  rows: RecordRow[];
  more: (() => void) | undefined;
  onOpen: (id: string) => void;
}) {
  const { object, rows, more, onOpen } = props;
  const { t, say, language } = useWords();
  const [title, ...rest] = columnsOf(object);
  return (
    <div className="gallery">
      {rows.map((row) => (
        <button key={row.id} type="button" className="record-card" onClick={() => onOpen(row.id)}>
          <b>{(title && valueText(title, row[title.key], language)) || "—"}</b>
          {rest
            .filter((field) => row[field.key] !== null && row[field.key] !== undefined)
            .slice(0, 6)
            .map((field) => (
              <span key={field.key} className="card-line">
                <i>{say(field.label)}</i>
                <Value field={field} value={row[field.key]} language={language} />
              </span>
            ))}
        </button>
      ))}
      {more && (
        <button type="button" className="more" onClick={more}>
          {t("more")}
        </button>
      )}
    </div>
  );
}
