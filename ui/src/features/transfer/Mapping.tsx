import { Select } from "antd";
import type { ColumnGuessed, ImportPreview } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { inputsOf } from "../records/columns";
import { RefusedRows } from "./RefusedRows";
import { Sure } from "./Sure";

/** Which column goes where, what stands in it, and what the first rows would become. */
export function Mapping(props: {
  object: ObjectDef;
  columns: ColumnGuessed[];
  preview: ImportPreview;
  onMap: (column: string, field: string | null) => void;
}) {
  const { object, columns, preview, onMap } = props;
  const { t, say } = useWords();
  const fields = inputsOf(object);
  // A field takes one column: those that are taken cannot be chosen for another.
  const optionsOf = (column: ColumnGuessed) =>
    fields.map((field) => ({
      value: field.key,
      label: say(field.label),
      disabled: columns.some((each) => each.field === field.key && each.column !== column.column),
    }));
  return (
    <div className="import-columns">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t("column")}</th>
            <th scope="col">{t("field")}</th>
            <th scope="col">{t("example")}</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((each, at) => (
            <tr key={each.column}>
              <td>{each.column}</td>
              <td>
                <Select
                  aria-label={each.column}
                  style={{ width: 190 }}
                  allowClear
                  placeholder={t("leaveOut")}
                  value={each.field}
                  onChange={(field: string | undefined) => onMap(each.column, field ?? null)}
                  options={optionsOf(each)}
                  showSearch={{ optionFilterProp: "label" }}
                />{" "}
                <Sure guess={each} />
              </td>
              <td className="blank">{exampleOf(preview, at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The first cell of a column that says something. */
const exampleOf = ({ rows }: ImportPreview, at: number): string =>
  rows.map((row) => String(row[at] ?? "")).find((cell) => cell !== "") ?? "";

/** What the first rows would become, and why some would be refused. */
export function Counts({ preview }: { preview: ImportPreview }) {
  const { t } = useWords();
  const { tried, total, inserted, updated, unchanged, refused } = preview;
  return (
    <section className="import-counts" aria-label={t("importPreview")} aria-live="polite">
      <p>{total !== null && total > tried ? t("importTriedOf", { tried, total }) : t("importTried", { tried })}</p>
      <ul>
        <li>{t("importNew", { count: inserted })}</li>
        <li>{t("importChanged", { count: updated })}</li>
        <li>{t("importSame", { count: unchanged })}</li>
        <li className={refused > 0 ? "fault" : ""}>{t("importRefused", { count: refused })}</li>
      </ul>
      <RefusedRows faults={preview.faults} />
      {nothingComes(preview) && <p role="status">{t("importNothing")}</p>}
    </section>
  );
}

/** Whether all rows were tried, and none of them would change anything. */
export const nothingComes = ({ tried, total, inserted, updated }: ImportPreview): boolean =>
  (total === null || total <= tried) && inserted + updated === 0;
