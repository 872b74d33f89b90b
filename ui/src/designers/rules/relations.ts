import type { Designs } from "../definitions";

interface Relation {
  key: string;
  label: { zh: string; en: string };
  target: string;
}

/** An object's relations to one record each. */
export function relationsOf(designs: Pick<Designs, "objects"> | undefined, object: string): Relation[] {
  const fields = designs?.objects.find((each) => each.key === object)?.fields ?? [];
  return fields.flatMap((each) => {
    const target = each.options?.target;
    const many = each.options?.many === true;
    return each.type === "relation" && typeof target === "string" && !many
      ? [{ key: each.key, label: each.label, target }]
      : [];
  });
}
