import { useQuery } from "@tanstack/react-query";
import { listRecords, useModel } from "../api/queries";
import { titleOf } from "./target";

// More than a page of a log names: the others stand without a name.
const MOST = 200;

/** What people are called, by id, as far as one may know. */
export function useNames(ids: string[]): Map<string, string> {
  const model = useModel().data;
  const wanted = [...new Set(ids)].sort().slice(0, MOST);
  const found = useQuery({
    queryKey: ["records", "person", "names", wanted],
    queryFn: () => {
      const filter = `id IN (${wanted.map((id) => `'${id}'`).join(", ")})`;
      return listRecords("person", { filter, limit: MOST });
    },
    enabled: wanted.length > 0,
    retry: false,
  });
  return new Map((found.data?.items ?? []).map((row) => [row.id, titleOf(model, "person", row)]));
}
