import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { drillFilter } from "../../meta/drill";
import { fieldAt } from "../../meta/target";
import { columnOf, groupText, type Picture, type Row } from "./boards";
import { useDrill } from "./drilling";
import { measureName } from "./measures";

/** Measures by the values of one or two fields; the first opens into its records. */
export function TableView({ widget, rows }: { widget: Picture; rows: Row[] }) {
  const { t, say, language } = useWords();
  const drill = useDrill();
  const objects = useModel().data?.objects ?? [];
  const [group = ""] = widget.group_by;
  const heads = [
    ...widget.group_by.map((each) => ({
      key: columnOf(each),
      label: say(fieldAt(objects, widget.object, each)?.label) || each,
    })),
  ];
  if (rows.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  return (
    <table className="plain">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head.key} scope="col">
              {head.label}
            </th>
          ))}
          {Object.keys(widget.measures).map((name) => (
            <th key={name} scope="col" className="number">
              {measureName(widget, name, objects, say)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={JSON.stringify(widget.group_by.map((each) => row[columnOf(each)]))}>
            {widget.group_by.map((each, at) => (
              <td key={each}>
                {at === 0 ? (
                  <button
                    type="button"
                    className="text-button"
                    onClick={() => drill(widget.object, drillFilter(widget.filter, group, row[columnOf(group)]))}
                  >
                    {groupText(row[columnOf(each)], each, fieldAt(objects, widget.object, each), language)}
                  </button>
                ) : (
                  groupText(row[columnOf(each)], each, fieldAt(objects, widget.object, each), language)
                )}
              </td>
            ))}
            {Object.keys(widget.measures).map((name) => (
              <td key={name} className="number">
                {row[name] === null ? "—" : Number(row[name]).toLocaleString("en", { maximumFractionDigits: 2 })}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
