/** The schedules people ask for, in parts; other ones are written as five parts of cron. */
export interface Schedule {
  every: "day" | "week" | "month" | "other";
  /** HH:MM, where it is a time of day. */
  time: string;
  /** Monday is 1, Sunday 7. */
  weekday: number;
  day: number;
  cron: string;
}

const AT = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[0-7])$/;

export function readCron(cron: string): Schedule {
  const found: Schedule = { every: "other", time: "09:00", weekday: 1, day: 1, cron };
  const parts = AT.exec(cron.trim());
  if (parts === null) return found;
  const [minute, hour, day, weekday] = [Number(parts[1]), Number(parts[2]), parts[3], parts[4]];
  if (minute > 59 || hour > 23) return found;
  const time = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  if (day === "*" && weekday === "*") return { ...found, every: "day", time };
  // Cron knows Sunday as 0 and as 7.
  if (day === "*") return { ...found, every: "week", time, weekday: Number(weekday) || 7 };
  if (weekday === "*") return { ...found, every: "month", time, day: Number(day) };
  return found;
}

export function writeCron(schedule: Schedule): string {
  if (schedule.every === "other") return schedule.cron;
  const [hour, minute] = schedule.time.split(":").map(Number);
  const day = schedule.every === "month" ? schedule.day : "*";
  const weekday = schedule.every === "week" ? schedule.weekday % 7 : "*";
  return `${minute ?? 0} ${hour ?? 0} ${day} * ${weekday}`;
}
