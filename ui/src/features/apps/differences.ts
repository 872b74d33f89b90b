import type { AppConflict } from "../../api/schema";

export interface Difference {
  /** The property's name as the definition has it. */
  name: string;
  base: string;
  mine: string;
  theirs: string;
}

/** The properties in which the three sides of a conflict are not all the same, as text; blank where there is none. */
export function differences({ base, mine, theirs }: Pick<AppConflict, "base" | "mine" | "theirs">): Difference[] {
  const sides = [base ?? {}, mine ?? {}, theirs ?? {}];
  const names = [...new Set(sides.flatMap((side) => Object.keys(side)))];
  return names.flatMap((name) => {
    const [before, ours, other] = sides.map((side) => shown(side[name]));
    return before === ours && ours === other
      ? []
      : [{ name, base: before ?? "", mine: ours ?? "", theirs: other ?? "" }];
  });
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && "zh" in value && "en" in value) return `${value.zh} / ${value.en}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
