import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import type { PreferencesOutput } from "../../api/schema";

/** Times are of the workspace's zone: `21:00:00`. */
export type PreferencesBody = PreferencesOutput;
export type Way = "now" | "digest" | "off";

/** What is one's own, as a list: `name` tells the lists apart. */
export const useMine = <T>(name: string, load: () => Promise<{ items: T[] }>) =>
  useQuery({ queryKey: ["mine", name], queryFn: () => load().then((found) => found.items), retry: false });

export const usePreferences = () =>
  useQuery({
    queryKey: ["mine", "preferences"],
    queryFn: () => told(api.GET("/api/me/preferences")),
    retry: false,
  });

/** What holds for who has not chosen; a change of it is one of what is one's own, too. */
export const useUsualPreferences = () =>
  useQuery({
    queryKey: ["mine", "preferences", "usual"],
    queryFn: () => told(api.GET("/api/preferences")),
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
