import { Select } from "antd";
import type { ColumnGuessed, ImportPreview } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { inputsOf } from "../records/columns";
import { RefusedRows } from "./RefusedRows";

/** Which column goes where, what stands in it, and what the first rows would become. */
export function Mapping(props: {
  object: ObjectDef;
  columns: ColumnGuessed[];
  preview: ImportPreview;
  onMap: (column: string, field: string | null) => void;
}) {
  const { object, columns, preview, onMap } = props;
  const { t, say } = useWords();
  const options = inputsOf(object).map((field) => ({ value: field.key, label: say(field.label) }));
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
                  options={options}
                />
              </td>
              <td className="blank">{String(preview.rows[0]?.[at] ?? "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

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
