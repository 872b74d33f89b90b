/** When sources are usually pulled, by the key of its words. */
export const SCHEDULES: Readonly<Record<string, string>> = {
  minutes5: "*/5 * * * *",
  minutes15: "*/15 * * * *",
  hourly: "0 * * * *",
  workHours: "*/30 8-18 * * 1-5",
  nightly: "0 2 * * *",
  weekly: "0 6 * * 1",
};

/** The key of the words for a schedule; undefined for one of the company's own. */
export const scheduleName = (cron: string): string | undefined =>
  Object.keys(SCHEDULES).find((name) => SCHEDULES[name] === cron.trim());
