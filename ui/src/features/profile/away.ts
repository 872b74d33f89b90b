import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useMe } from "../../api/queries";
import type { AbsenceShown, AbsenceWanted } from "../../api/schema";

/** Where the absences of one person are kept: one's own are everybody's own matter, a colleague's are not. */
const OWN = {
  list: () => told(api.GET("/api/me/absences")),
  add: (body: AbsenceWanted) => told(api.POST("/api/me/absences", { body })),
  end: (id: string) => told<unknown>(api.DELETE("/api/me/absences/{id}", { params: { path: { id } } })),
};
const colleague = (person: string): typeof OWN => ({
  list: () => told(api.GET("/api/people/{person}/absences", { params: { path: { person } } })),
  add: (body) => told(api.POST("/api/people/{person}/absences", { params: { path: { person } }, body })),
  end: (id) => told<unknown>(api.DELETE("/api/people/{person}/absences/{id}", { params: { path: { person, id } } })),
});

/** Absences under way and to come, of oneself or of a colleague; `found` is refused for who may not know. */
export function useAbsences(person: string, enabled = true) {
  const client = useQueryClient();
  const isMe = useMe().data?.person.id === person;
  const kept = isMe ? OWN : colleague(person);
  const onSettled = () => client.invalidateQueries({ queryKey: ["absences"] });
  const found = useQuery({
    queryKey: ["absences", person],
    queryFn: () => kept.list().then(({ items }): AbsenceShown[] => items),
    enabled,
    retry: false,
  });
  const add = useMutation({ mutationFn: kept.add, onSettled });
  const end = useMutation({ mutationFn: kept.end, onSettled });
  return { isMe, found, add, end };
}

/** Everybody's, for who manages people. */
export const useAllAbsences = () =>
  useQuery({
    queryKey: ["absences", "all"],
    queryFn: () => told(api.GET("/api/absences")).then(({ items }) => items),
    retry: false,
  });
