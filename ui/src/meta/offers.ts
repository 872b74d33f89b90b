import type { Action, FieldDef, ObjectDef } from "../api/types";

/** Whether to offer an action at all. The API tells what its policies can allow; a single record may still refuse. */
export const offers = (object: ObjectDef, action: Action) => object.may?.[action] ?? true;

/** Whether a field can be given: when the record is made, or when it is changed. */
export const takes = (field: FieldDef, isNew: boolean) => field.may?.[isNew ? "create" : "update"] ?? true;
