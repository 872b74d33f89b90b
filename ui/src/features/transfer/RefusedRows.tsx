import type { ImportPreview } from "../../api/schema";
import { useWords } from "../../app/language";

type RowFault = ImportPreview["faults"][number];

const FEW = 20;

/** Why rows would be refused, a row each; what can be done about it is said once for a row. */
export function RefusedRows({ faults }: { faults: readonly RowFault[] }) {
  const { t } = useWords();
  const rows = [...new Set(faults.map((each) => each.row))].slice(0, FEW);
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys as well
    <ul className="refused-rows" aria-label={t("importRefusedRows")} tabIndex={0}>
      {rows.map((row) => (
        <li key={row}>
          <span className="refused-row">{t("row", { row })}</span>
          <Why faults={faults.filter((each) => each.row === row)} />
        </li>
      ))}
    </ul>
  );
}

function Why({ faults }: { faults: readonly RowFault[] }) {
  const ways = new Set(faults.flatMap((each) => each.way_out ?? []));
  return (
    <div>
      {faults.map((each) => (
        <p key={`${each.field}${each.code}`}>{each.message}</p>
      ))}
      {ways.size > 0 && <p className="blank">{[...ways].join("；")}</p>}
    </div>
  );
}
