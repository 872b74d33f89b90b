import { useQuery } from "@tanstack/react-query";
import { listRecords, useModel } from "../../api/queries";
import type { FieldDef, RecordRow } from "../../api/types";
import { totalled } from "../records/totals";
import { textOf } from "./tasks";

// A formula holds a list of at most so many.
const AT_ONCE = 200;

export interface Amounts {
  field: FieldDef;
  /** By the subject's id; without one where it is not to be seen. */
  of: ReadonlyMap<string, number>;
}

/** What the records are worth that rows of one object are about, as far as one may read it. */
export function useAmounts(rows: RecordRow[]): Amounts | undefined {
  const [first] = rows;
  const object = first ? textOf(first, "subject_object") : "";
  const fields = useModel().data?.objects.find((each) => each.key === object)?.fields ?? [];
  const field = totalled(fields).find((each) => each.field.type === "money" && each.by === "sum")?.field;
  const ids = [
    ...new Set(rows.filter((each) => each.subject_object === object).map((each) => textOf(each, "subject_id"))),
  ];
  const found = useQuery({
    queryKey: ["records", object, "amounts", field?.key, ids],
    queryFn: () => amountsOf(object, field?.key ?? "", ids),
    enabled: field !== undefined && ids.length > 0,
    placeholderData: (before) => before,
    retry: false,
  });
  return field && found.data ? { field, of: found.data } : undefined;
}

async function amountsOf(object: string, field: string, ids: string[]): Promise<Map<string, number>> {
  const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, n) =>
    ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  const pages = await Promise.all(
    parts.map((part) =>
      listRecords(object, {
        filter: `id IN (${part.map((each) => `'${each}'`).join(", ")})`,
        fields: field,
        limit: AT_ONCE,
      }),
    ),
  );
  const rows = pages.flatMap((page) => page.items);
  return new Map(rows.flatMap((row) => (typeof row[field] === "number" ? [[row.id, row[field]]] : [])));
}

/** The sum over rows; nothing where none of their subjects has an amount. In whole hundredths, as money is added up. */
export function sumOf(amounts: Amounts | undefined, rows: RecordRow[]): number | undefined {
  if (amounts === undefined) return undefined;
  const seen = new Map(rows.map((row) => [textOf(row, "subject_id"), amounts.of.get(textOf(row, "subject_id"))]));
  const known = [...seen.values()].filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + Math.round(each * 100), 0) / 100;
}
