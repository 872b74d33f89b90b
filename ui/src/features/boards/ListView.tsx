import { useNavigate } from "@tanstack/react-router";
import { useModel } from "../../api/queries";
import type { FieldDef, Page, RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { fieldAt } from "../../meta/target";
import { isNumber, Value, valueText } from "../../meta/Value";
import type { Asked, Listed } from "./boards";
import { RowActions } from "./RowActions";
import "./lines.css";

// So many columns are read beside each other wherever there is room for a list at all.
const FEW = 3;

/** The first records of a list; each opens, and says what can be done about it where it stands. */
export function ListView({ widget, page, asked }: { widget: Listed; page: Page; asked: Asked[] }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const objects = useModel().data?.objects ?? [];
  const object = objects.find((each) => each.key === widget.object);
  const keys = widget.fields.length > 0 ? widget.fields : (object?.fields ?? []).slice(0, 4).map((field) => field.key);
  const fields = keys.flatMap((key) => fieldAt(objects, widget.object, key) ?? []);
  const open = (row: RecordRow) => void navigate(wayToRecord(widget.object, row.id));
  if (page.items.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  const Rows = widget.actions.length > 0 ? Cards : Lines;
  return <Rows widget={widget} fields={fields} rows={page.items} asked={asked} onOpen={open} />;
}

interface RowsProps {
  widget: Listed;
  fields: FieldDef[];
  rows: RecordRow[];
  asked: Asked[];
  onOpen: (row: RecordRow) => void;
}

function Title({ field, row, onOpen }: { field: FieldDef | undefined; row: RecordRow; onOpen: RowsProps["onOpen"] }) {
  const { language } = useWords();
  return (
    <button type="button" className="text-button" onClick={() => onOpen(row)}>
      {(field && valueText(field, row[field.key], language)) || "—"}
    </button>
  );
}

/** A row a line, under the names of its fields or, where that is too narrow for them, with their names in it. */
function Lines({ widget, fields, rows, onOpen }: RowsProps) {
  const { say, language } = useWords();
  return (
    <div className="lines-room" data-many={fields.length > FEW || undefined}>
      <table className="plain">
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field.key} scope="col" className={isNumber(field, rows[0]?.[field.key]) ? "number" : undefined}>
                {say(field.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${widget.key} ${row.id}`}>
              {fields.map((field, at) => (
                <td
                  key={field.key}
                  className={isNumber(field, row[field.key]) ? "number" : undefined}
                  data-name={say(field.label)}
                >
                  {at === 0 ? (
                    <Title field={field} row={row} onOpen={onOpen} />
                  ) : (
                    <Value field={field} value={row[field.key]} language={language} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A row in two lines: what it is, and what can be done about it here. */
function Cards({ widget, fields, rows, asked, onOpen }: RowsProps) {
  const { say, language } = useWords();
  const [title, ...rest] = fields;
  return (
    <ul className="action-rows">
      {rows.map((row) => (
        <li key={row.id}>
          <div className="action-row-what">
            <Title field={title} row={row} onOpen={onOpen} />
            {rest
              .filter((field) => row[field.key] !== null && row[field.key] !== undefined)
              .map((field) => (
                <span key={field.key} title={say(field.label)}>
                  {isNumber(field, row[field.key]) && <i>{say(field.label)}</i>}
                  <Value field={field} value={row[field.key]} language={language} />
                </span>
              ))}
          </div>
          <RowActions widget={widget} row={row} asked={asked} title={title} />
        </li>
      ))}
    </ul>
  );
}
