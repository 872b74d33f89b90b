import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../../api/client";
import { useModel } from "../../api/queries";
import type { Fault, Label, Model } from "../../api/types";

/** A source with how it fares. One that cannot be opened has only its key and what is wrong. */
export interface SourceState {
  key: string;
  label?: string;
  kind?: string;
  enabled?: boolean;
  schedule?: string | null;
  next_at?: string | null;
  healthy?: boolean | null;
  checked_at?: string | null;
  faults: Fault[];
  /** By name: whether it is set. What it is nobody is told. */
  secrets?: Record<string, boolean>;
  streams: { key: string; label: string; pulled_at: string | null; has_cursor: boolean }[];
}

export interface SourceDefinition {
  key: string;
  label: Label;
  description: Label | null;
  kind: string;
  options: Record<string, unknown>;
  schedule: string | null;
  enabled: boolean;
}

/** The mapping of a stream; more of it than is drawn here is kept as it is. */
export interface Mapping {
  key: string;
  label: Label;
  description: Label | null;
  source: string;
  stream: string;
  object: string;
  columns: { path: string; type: string; name: string | null }[];
  fields: {
    field: string;
    value: string;
    wins: "source" | "person" | "newest";
    by: string[];
    like: string | null;
    create_missing: boolean;
    push: string | null;
  }[];
  match: string[];
  where: string | null;
  creates: boolean;
  on_delete: "keep" | "delete";
  enabled: boolean;
}

export interface OptionSchema {
  type?: string;
  anyOf?: { type?: string }[];
  enum?: string[];
  title?: string;
  description?: string;
  default?: unknown;
}

export interface SourceKind {
  key: string;
  label: string;
  options: { properties?: Record<string, OptionSchema>; required?: string[] };
  secrets: Record<string, string>;
  optional_secrets: Record<string, string>;
}

export interface Run {
  id: string;
  kind: string;
  state: "running" | "done" | "failed";
  started_at: string;
  finished_at: string | null;
  counts: Record<string, number>;
  faults: Fault[];
}

export interface Refusal {
  stream: string;
  mapping: string | null;
  key: string;
  faults: Fault[];
  body: unknown;
  at: string;
}

export interface Question {
  id: string;
  mapping: string;
  field: string;
  object: string;
  given: string;
  rows: number;
  candidates: { id: string; label: string; score: number }[];
}

export interface Trial {
  read: number;
  inserted: number;
  updated: number;
  unchanged: number;
  skipped: number;
  waiting: number;
  refused: number;
  absent: string[];
  from_source: boolean;
  samples: { key: string; body: unknown; values: Record<string, string | null>; faults: Fault[] }[];
}

const items = <T>(path: string) => call<{ items: T[] }>("GET", path).then((found) => found.items);

export const useSources = () =>
  useQuery({ queryKey: ["sources"], queryFn: () => items<SourceState>("/api/sources"), refetchInterval: 15_000 });

export const useKinds = () =>
  useQuery({
    queryKey: ["source-kinds"],
    queryFn: () => items<SourceKind>("/api/source-kinds"),
    staleTime: 600_000,
  });

export const useRuns = (source: string) =>
  useQuery({
    queryKey: ["sources", source, "runs"],
    queryFn: () => items<Run>(`/api/sources/${source}/runs?limit=20`),
    refetchInterval: 5_000,
    retry: false,
  });

export const useRefusals = (source: string) =>
  useQuery({
    queryKey: ["sources", source, "refusals"],
    queryFn: () => items<Refusal>(`/api/sources/${source}/refusals?limit=100`),
    retry: false,
  });

export const useQuestions = () =>
  useQuery({
    queryKey: ["sources", "questions"],
    queryFn: () => items<Question>("/api/mappings/questions?limit=100"),
    refetchInterval: 15_000,
    retry: false,
  });

/** The definitions as who manages the model reads them. */
export function useDefinitions(): { sources: SourceDefinition[]; mappings: Mapping[] } {
  const model = useModel().data as (Model & { sources?: SourceDefinition[]; mappings?: Mapping[] }) | undefined;
  return { sources: model?.sources ?? [], mappings: model?.mappings ?? [] };
}

/** A call that changes how sources stand; all of them are asked for again after it. */
export function useSourceCall<A, T>(ask: (given: A) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ask,
    onSettled: () => void client.invalidateQueries({ queryKey: ["sources"] }),
  });
}
