import type { EntryOffer } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";

/** What a follow-up of a chat can hold: files in its field for them, and records of these objects (messages). */
export interface FollowUps {
  files: FieldDef | undefined;
  messages: ReadonlySet<string>;
}

/** Read from the objects with light entry that the person may make records of; undefined where there is none. */
export function followUpsOf(
  objects: readonly ObjectDef[],
  offers: readonly Pick<EntryOffer, "object">[],
): FollowUps | undefined {
  const fields = objects
    .filter((each) => offers.some((offer) => offer.object === each.key))
    .flatMap((each) => each.fields);
  if (fields.length === 0) return undefined;
  const several = fields.filter((each) => each.type === "relation" && each.options.many === true);
  return {
    files: fields.find((each) => each.type === "file"),
    messages: new Set(several.flatMap((each) => targetOf(each) ?? [])),
  };
}
