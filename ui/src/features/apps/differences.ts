export type Definition = { [key: string]: unknown } | null;

/** `name` is the property's as the definition has it; beside it what each side says. */
export type Difference<Side extends string> = { name: string } & Record<Side, string>;

/** The properties in which the sides of one definition are not all the same, as text; blank where there is none. */
export function differences<Side extends string>(
  of: Record<NoInfer<Side>, Definition>,
  sides: Side[],
): Difference<Side>[] {
  const names = [...new Set(sides.flatMap((side) => Object.keys(of[side] ?? {})))];
  return names.flatMap((name) => {
    const said = Object.fromEntries(sides.map((side) => [side, shown(of[side]?.[name])])) as Record<Side, string>;
    return new Set(sides.map((side) => said[side])).size === 1 ? [] : [{ ...said, name }];
  });
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && "zh" in value && "en" in value) return `${value.zh} / ${value.en}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
