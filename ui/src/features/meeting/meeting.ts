import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { listRecords } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { MOST_ITEMS } from "./clock";

/** A meeting under way: what is on its agenda, which of it is being spoken of, since when (ms). */
export interface Meeting {
  items: RecordRow[];
  at: number;
  settled: number;
  begun: number;
  itemBegun: number;
}

export const begin = (items: RecordRow[], now: number): Meeting => ({
  items,
  at: 0,
  settled: 0,
  begun: now,
  itemBegun: now,
});

export const goOn = (meeting: Meeting, isSettled: boolean, now: number): Meeting => ({
  ...meeting,
  at: meeting.at + 1,
  settled: meeting.settled + (isSettled ? 1 : 0),
  itemBegun: now,
});

/** The meeting of this tab: who looks something up on another page finds it going on. */
export function useMeeting(person: string) {
  const place = `tongmai.meeting.${person}`;
  const [meeting, setMeeting] = useState<Meeting | undefined>(() => read(place));
  useEffect(() => {
    if (meeting === undefined) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(meeting));
  }, [place, meeting]);
  return [meeting, setMeeting] as const;
}

function read(place: string): Meeting | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** What is spoken of and what has to wait: those chosen, else those that have stood longest. */
export function agendaOf(red: RecordRow[], chosen: readonly string[] | undefined) {
  const longest = [...red].sort((one, other) => String(one.started_at).localeCompare(String(other.started_at)));
  const on = new Set(chosen ?? longest.slice(0, MOST_ITEMS).map((each) => each.id));
  return {
    agenda: longest.filter((each) => on.has(each.id)).slice(0, MOST_ITEMS),
    others: longest.filter((each) => !on.has(each.id)),
  };
}

/** The red signals that were settled today with a word on how, the latest first: the meeting's log. */
export const useOutcomes = () =>
  useQuery({
    queryKey: ["records", "signal", "outcomes"],
    queryFn: () =>
      listRecords("signal", {
        filter: "level = 'red' AND state = 'acted' AND NOT (reason IS BLANK) AND changed_at >= TODAY()",
        sort: "-changed_at",
        limit: 30,
      }).then((found) => found.items),
  });
