import type { ChangesetInput } from "../../api/schema";

/** One change of the model, as the API describes it. */
export type ModelAction = NonNullable<ChangesetInput["actions"]>[number];
/** Any of them: what each kind has beside its name is looked for, not known. */
export type AnyAction = { action: string } & Record<string, unknown>;
