/** The state of a list stands in its address, so that it can be sent to a colleague. */
export interface ListSearch {
  filter?: string;
  sort?: string;
  search?: string;
  record?: string;
}

const NAMES = ["filter", "sort", "search", "record"] as const;

/** What of an address means something to a list; blanks are left out. */
export function listSearch(given: Record<string, unknown>): ListSearch {
  const kept: ListSearch = {};
  for (const name of NAMES) {
    const value = given[name];
    if (typeof value === "string" && value !== "") kept[name] = value;
  }
  return kept;
}
