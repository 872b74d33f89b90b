import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, told } from "../../api/client";
import type { FormulaChecked, FormulaTried } from "../../api/schema";
import type { Reference } from "../../api/types";
import { useWords } from "../../app/language";
import type { FunctionEntry } from "./completion";

export type Checked = FormulaChecked;
export type Tried = FormulaTried;

/** A value once it has stood still: what is typed is not asked about letter by letter. */
export function useSettled<T>(value: T, pause = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), pause);
    return () => window.clearTimeout(timer);
  }, [value, pause]);
  return settled;
}

export function useFunctions(): FunctionEntry[] {
  const { language } = useWords();
  const found = useQuery({
    queryKey: ["functions", language],
    queryFn: () => told(api.GET("/api/functions")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data?.items ?? [];
}

/** The types that a formula can be asked to have. */
type Expected = "number" | "text" | "boolean" | "date" | "datetime";

export function useCheck(object: string, text: string, expect: string | undefined) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["formula-check", object, text, expect, language],
    queryFn: () =>
      told(
        api.GET("/api/formula/check", {
          params: { query: { object, text, ...(expect ? { expect: expect as Expected } : {}) } },
        }),
      ),
    enabled: text.trim() !== "" && object !== "",
    staleTime: 60_000,
    retry: false,
  });
}

export function useTrial(object: string, text: string, record: string | undefined) {
  return useQuery({
    queryKey: ["formula-try", object, text, record],
    queryFn: () => told(api.POST("/api/formula/try", { body: { object, text, record: record ?? "" } })),
    enabled: record !== undefined && text.trim() !== "",
    retry: false,
  });
}

/** Whether a condition holds for the record; undefined while nobody knows. A condition that is not there always does. */
export function useHolds(object: string, condition: string | null, record: string | undefined): boolean | undefined {
  const tried = useTrial(object, condition ?? "", record).data;
  if (record === undefined || condition === null) return record === undefined ? undefined : true;
  return tried?.ok ? tried.value === true : undefined;
}

const COUNT = { name: "n", function: "count" } as const;

/** How many records a condition holds for now; undefined while it is wrong or being asked. */
export function useMatching(object: string, filter: string | null) {
  return useQuery({
    queryKey: ["records", object, "matching", filter],
    queryFn: () =>
      told(api.POST("/api/query", { body: { object, measures: [COUNT], ...(filter?.trim() ? { filter } : {}) } })).then(
        (found) => Number(found.rows[0]?.n ?? 0),
      ),
    enabled: object !== "",
    retry: false,
  });
}

/** To whom the records belong that fulfil a condition now, those with the most first. */
export function useMatchingOwners(object: string, filter: string | null) {
  return useQuery({
    queryKey: ["records", object, "owners", filter],
    queryFn: async () => {
      const asked = { object, group_by: [{ field: "owner" }], measures: [COUNT], sort: "-n", limit: 50 };
      const found = await told(api.POST("/api/query", { body: { ...asked, ...(filter ? { filter } : {}) } }));
      return found.rows.map((row) => ({ owner: (row.owner as Reference | null)?.label ?? null, count: Number(row.n) }));
    },
    enabled: filter !== null,
    retry: false,
  });
}
