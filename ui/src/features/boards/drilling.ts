import { useNavigate } from "@tanstack/react-router";

/** Opens the records behind a figure as a list. */
export function useDrill() {
  const navigate = useNavigate();
  return (object: string, filter: string | undefined) =>
    void navigate({ to: "/records/$object", params: { object }, search: filter === undefined ? {} : { filter } });
}
