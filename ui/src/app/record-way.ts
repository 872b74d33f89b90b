declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The record was opened from another page than its list: closed, it leads back there. */
    isFromElsewhere?: true;
  }
}

/** The way from any page to a record beside its list, or to a `new` one. */
export const wayToRecord = (object: string, record: string) =>
  ({ to: "/records/$object", params: { object }, search: { record }, state: { isFromElsewhere: true } }) as const;
