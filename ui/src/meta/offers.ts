import { useQuery } from "@tanstack/react-query";
import { api, told } from "../api/client";
import type { Action, FieldDef, ObjectDef } from "../api/types";

/** Whether to offer an action at all. The API tells what its policies can allow; a single record may still refuse. */
export const offers = (object: ObjectDef, action: Action) => object.may?.[action] ?? true;

/** Whether a field can be given: when the record is made, or when it is changed. */
export const takes = (field: FieldDef, isNew: boolean) => field.may?.[isNew ? "create" : "update"] ?? true;

type OnRecord = Extract<Action, "update" | "delete">;

/**
 * Whether to offer an action on one record: of those on which only some allow it the API is asked. Undefined until it
 * has answered, and false without an object or a record.
 */
export function useOffered(
  object: ObjectDef | undefined,
  id: string | undefined,
  action: OnRecord,
): boolean | undefined {
  const isThere = object !== undefined && id !== undefined && offers(object, action);
  const asks = isThere && (object.partly ?? []).includes(action);
  const found = useQuery({
    queryKey: ["record", object?.key, id, "may", action],
    queryFn: () =>
      told(api.GET("/api/access/explain", { params: { query: { object: object?.key ?? "", action, id: id ?? "" } } })),
    enabled: asks,
    retry: false,
  });
  return asks ? (found.isError ? true : found.data?.allowed) : isThere;
}
