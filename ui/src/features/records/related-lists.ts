import type { FieldDef, ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";

/** Records elsewhere that point here: the object they are of, and the field that leads here. */
export interface RelatedList {
  object: ObjectDef;
  field: FieldDef;
}

// Whose a record is and who wrote it would list the whole company under each person.
const NOT_RELATIONS = new Set(["owner", "created_by", "changed_by"]);
// Work about a record stands in its timeline.
const IN_TIMELINE = new Set(["task", "signal"]);

export function relatedLists(objects: ObjectDef[], target: string): RelatedList[] {
  return objects
    .filter((object) => !IN_TIMELINE.has(object.key))
    .flatMap((object) =>
      object.fields
        .filter((field) => targetOf(field) === target && !NOT_RELATIONS.has(field.key) && (field.may?.read ?? true))
        .map((field) => ({ object, field })),
    );
}

/** The formula that finds the records of a related list. */
export const filterOf = (field: FieldDef, id: string): string =>
  field.options.many === true ? `HAS_ANY(${field.key}, '${id}')` : `${field.key} = '${id}'`;
