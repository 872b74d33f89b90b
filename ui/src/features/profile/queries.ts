import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client";

export interface Session {
  id: string;
  created_at: string;
  seen_at: string;
  ip: string | null;
  agent: string | null;
  present: boolean;
}

export interface Token {
  id: string;
  prefix: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string;
  seen_at: string | null;
}

export type Way = "now" | "digest" | "off";

/** Times are of the workspace's zone: `21:00:00`. */
export interface PreferencesBody {
  quiet_from: string;
  quiet_to: string;
  quiet_days_off: boolean;
  digest_at: string[];
  channels: Record<string, Way>;
  budget: number;
  language: "zh" | "en";
}

export interface Absence {
  id: string;
  from_at: string;
  to_at: string;
  stand_in: string | null;
  reason: string | null;
}

/** What is one's own under `path`, as a list. */
export const useMine = <T>(path: string) =>
  useQuery({
    queryKey: ["mine", path],
    queryFn: () => call<{ items: T[] }>("GET", path).then((found) => found.items),
    retry: false,
  });

export const usePreferences = () =>
  useQuery({
    queryKey: ["mine", "preferences"],
    queryFn: () => call<PreferencesBody>("GET", "/api/me/preferences"),
    retry: false,
  });

/** A change of what is one's own; all of that is asked for again after it. */
export function useOwnChange<A, T>(change: (given: A) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => void client.invalidateQueries({ queryKey: ["mine"] }),
  });
}
