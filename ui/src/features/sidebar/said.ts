import type { EntryOffer } from "../../api/schema";
import type { ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";

/** The objects whose records a follow-up can refer to several of: those of the chat's messages. */
export function saidObjects(objects: readonly ObjectDef[], offers: readonly Pick<EntryOffer, "object">[]): Set<string> {
  const followUps = new Set(offers.map((each) => each.object));
  return new Set(
    objects
      .filter((each) => followUps.has(each.key))
      .flatMap((each) => each.fields)
      .filter((field) => field.type === "relation" && field.options.many === true)
      .flatMap((field) => targetOf(field) ?? []),
  );
}
