import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "../../api/client";
import type { Fault, FieldValue, Reference } from "../../api/types";
import { useWords } from "../../app/language";
import type { FunctionEntry } from "./completion";

export interface FormulaFault extends Fault {
  position?: number;
}

export interface Checked {
  ok: boolean;
  type?: string;
  type_name?: string;
  faults?: FormulaFault[];
}

export interface Tried {
  ok: boolean;
  value?: FieldValue;
  type?: string;
  type_name?: string;
  faults?: FormulaFault[];
}

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
    queryFn: () => call<{ items: FunctionEntry[] }>("GET", "/api/functions"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data?.items ?? [];
}

export function useCheck(object: string, text: string, expect: string | undefined) {
  const { language } = useWords();
  return useQuery({
    queryKey: ["formula-check", object, text, expect, language],
    queryFn: () => {
      const asked = new URLSearchParams({ object, text, ...(expect ? { expect } : {}) });
      return call<Checked>("GET", `/api/formula/check?${asked}`);
    },
    enabled: text.trim() !== "" && object !== "",
    staleTime: 60_000,
    retry: false,
  });
}

export function useTrial(object: string, text: string, record: string | undefined) {
  return useQuery({
    queryKey: ["formula-try", object, text, record],
    queryFn: () => call<Tried>("POST", "/api/formula/try", { object, text, record }),
    enabled: record !== undefined && text.trim() !== "",
    retry: false,
  });
}

/** How many records a condition holds for now; undefined while it is wrong or being asked. */
export function useMatching(object: string, filter: string | null) {
  return useQuery({
    queryKey: ["records", object, "matching", filter],
    queryFn: () =>
      call<{ rows: { n: number }[] }>("POST", "/api/query", {
        object,
        measures: { n: "count" },
        ...(filter?.trim() ? { filter } : {}),
      }).then((found) => Number(found.rows[0]?.n ?? 0)),
    enabled: object !== "",
    retry: false,
  });
}

/** To whom the records belong that fulfil a condition now, those with the most first. */
export function useMatchingOwners(object: string, filter: string | null) {
  return useQuery({
    queryKey: ["records", object, "owners", filter],
    queryFn: async () => {
      const asked = { object, group_by: ["owner"], measures: { n: "count" }, sort: "-n", limit: 50 };
      const found = await call<{ rows: { owner: Reference | null; n: number }[] }>("POST", "/api/query", {
        ...asked,
        ...(filter ? { filter } : {}),
      });
      return found.rows.map((row) => ({ owner: row.owner?.label ?? null, count: row.n }));
    },
    enabled: filter !== null,
    retry: false,
  });
}
