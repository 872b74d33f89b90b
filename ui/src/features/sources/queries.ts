import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type {
  MappingDefOutput,
  MappingTried,
  MatchQuestion,
  PathGuessed,
  PushShown,
  RawRefused,
  SourceDefOutput,
  SourceKindShown,
  SourceRun,
  SourceShown,
} from "../../api/schema";
import { useWords } from "../../app/language";
import { fieldAt } from "../../meta/target";

export type SourceState = SourceShown;
export type SourceDefinition = SourceDefOutput;
export type Mapping = MappingDefOutput;
export type Run = SourceRun;
export type Refusal = RawRefused;
export type Question = MatchQuestion;
export type Push = PushShown;
export type Guess = PathGuessed;
export type Trial = MappingTried;

/** Options as a form asks for them; `choices` are names of values, by value. */
export interface OptionSchema {
  type?: string;
  anyOf?: OptionSchema[];
  enum?: string[];
  items?: OptionSchema;
  prefixItems?: OptionSchema[];
  additionalProperties?: boolean | OptionsSchema;
  title?: string;
  description?: string;
  default?: unknown;
  choices?: Record<string, string>;
}

export interface OptionsSchema {
  properties?: Record<string, OptionSchema>;
  required?: string[];
}

/** A kind of source; its options are a JSON schema. */
export type SourceKind = Omit<SourceKindShown, "options"> & {
  options: OptionsSchema;
};

export const useSources = () =>
  useQuery({
    queryKey: ["sources"],
    queryFn: () => told(api.GET("/api/sources")).then((found) => found.items),
    refetchInterval: 5_000,
  });

export const useKinds = () =>
  useQuery({
    queryKey: ["source-kinds"],
    queryFn: () => told(api.GET("/api/source-kinds")).then((found) => found.items as SourceKind[]),
    staleTime: 600_000,
  });

export const useRuns = (source: string) =>
  useQuery({
    queryKey: ["sources", source, "runs"],
    queryFn: () =>
      told(api.GET("/api/sources/{source}/runs", { params: { path: { source }, query: { limit: 20 } } })).then(
        (found) => found.items,
      ),
    // Who waits for a pull wants to see it move.
    refetchInterval: ({ state }) => (state.data?.some((run) => run.state === "running") ? 1_500 : 5_000),
    retry: false,
  });

export const useRefusals = (source: string) =>
  useQuery({
    queryKey: ["sources", source, "refusals"],
    queryFn: () =>
      told(api.GET("/api/sources/{source}/refusals", { params: { path: { source }, query: { limit: 100 } } })).then(
        (found) => found.items,
      ),
    refetchInterval: 15_000,
    retry: false,
  });

export const usePushes = (source: string) =>
  useQuery({
    queryKey: ["sources", source, "pushes"],
    queryFn: () =>
      told(api.GET("/api/sources/{source}/pushes", { params: { path: { source }, query: { limit: 100 } } })).then(
        (found) => found.items,
      ),
    refetchInterval: 5_000,
    retry: false,
  });

/** The paths that a stream's rows have, with their types: what a mapping chooses from. */
export const useColumns = (source: string, stream: string) =>
  useQuery({
    queryKey: ["source-columns", source, stream],
    queryFn: () =>
      told(api.GET("/api/sources/{source}/streams/{stream}/columns", { params: { path: { source, stream } } })).then(
        (found) => found.items,
      ),
    enabled: stream !== "",
    staleTime: 60_000,
    retry: false,
  });

/** Which fields of an object the stream's columns seem to mean, and how sure that is. */
export const useGuesses = (source: string, stream: string, object: string) =>
  useQuery({
    queryKey: ["source-guesses", source, stream, object],
    queryFn: () =>
      told(
        api.GET("/api/sources/{source}/streams/{stream}/guesses", {
          params: { path: { source, stream }, query: { object } },
        }),
      ).then((found) => found.items),
    enabled: stream !== "" && object !== "",
    staleTime: 60_000,
    retry: false,
  });

/** The mappings that come with the product, by kind of source. */
export const useShippedMappings = () =>
  useQuery({
    queryKey: ["shipped-mappings"],
    queryFn: () => told(api.GET("/api/mappings/shipped")).then((found) => found.items),
    staleTime: 600_000,
    retry: false,
  });

export const useQuestions = () =>
  useQuery({
    queryKey: ["sources", "questions"],
    queryFn: () =>
      told(api.GET("/api/mappings/questions", { params: { query: { limit: 500 } } })).then((found) => found.items),
    refetchInterval: 15_000,
    retry: false,
  });

/** The definitions as who manages the model reads them. */
export function useDefinitions(): { sources: SourceDefinition[]; mappings: Mapping[] } {
  const model = useModel().data;
  return { sources: model?.sources ?? [], mappings: model?.mappings ?? [] };
}

/** What a mapping is called; its key where the catalogue has lost it. */
export function useMappingName(): (key: string) => string {
  const { mappings } = useDefinitions();
  const { say } = useWords();
  return (key) => say(mappings.find((each) => each.key === key)?.label) || key;
}

/** What a stream is called; its key where the source has it no more. */
export const streamName = (source: SourceState, stream: string): string =>
  source.streams.find((each) => each.key === stream)?.label ?? stream;

/** What a field is called, with its object's name where that is asked for; its key where the model has lost it. */
export function useFieldNames(): (object: string, field: string, withObject?: boolean) => string {
  const model = useModel().data;
  const { say } = useWords();
  return (object, field, withObject = false) => {
    const owner = model?.objects.find((each) => each.key === object);
    const name = say(fieldAt(model?.objects ?? [], object, field)?.label) || field;
    return withObject ? `${say(owner?.label) || object} · ${name}` : name;
  };
}

/** A call that changes how sources stand; all of them are asked for again after it. */
export function useSourceCall<A, T>(ask: (given: A) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ask,
    onSettled: () => void client.invalidateQueries({ queryKey: ["sources"] }),
  });
}
