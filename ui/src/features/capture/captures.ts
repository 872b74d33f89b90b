import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asForm, told } from "../../api/client";
import type { AttachRequest, CaptureShown, ProposedValue } from "../../api/schema";
import type { FieldDef, ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";

/** A line of a record's captures; the list gives them as records, whose fields the description does not tell. */
export type CaptureRow = Pick<CaptureShown, "id" | "title" | "kind" | "state" | "reason">;

const POLL_MS = 1_000;

export const useAbilities = () =>
  useQuery({
    queryKey: ["capture-abilities"],
    queryFn: () => told(api.GET("/api/capture-abilities")),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useCaptures = (record: string) =>
  useQuery({
    queryKey: ["captures", record],
    queryFn: async () =>
      (await told(api.GET("/api/captures", { params: { query: { on: record } } }))).items as unknown as CaptureRow[],
    refetchInterval: (query) => (query.state.data?.some((each) => each.state === "reading") ? 2 * POLL_MS : false),
  });

/** A capture; asked for again and again while its file is being read. */
export const useCapture = (id: string) =>
  useQuery({
    queryKey: ["capture", id],
    queryFn: () => told(api.GET("/api/captures/{id}", { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data?.state === "reading" ? POLL_MS : false),
  });

/** How far the reading is, in percent; and why it ended, if it failed. */
export const useReading = (job: string | null) =>
  useQuery({
    queryKey: ["capture-job", job],
    queryFn: job === null ? skipToken : () => told(api.GET("/api/jobs/{id}", { params: { path: { id: job } } })),
    refetchInterval: (query) => (["queued", "running"].includes(query.state.data?.state ?? "queued") ? POLL_MS : false),
  });

export const useProposal = (id: string, object: string, ready: boolean) =>
  useQuery({
    queryKey: ["capture-proposal", id, object],
    queryFn: () => told(api.GET("/api/captures/{id}/proposal/{object}", { params: { path: { id, object } } })),
    enabled: ready,
  });

/** Sends a file that was dropped on a record; the id of its capture. */
export async function sendCapture(file: File, object: string, record: string): Promise<string> {
  const sent = { params: { query: { object, record } }, body: asForm(file) };
  return (await told(api.POST("/api/captures", sent))).id;
}

/** Attaches or dismisses, and lets everything that shows the record ask again. */
export function useMoves(id: string) {
  const client = useQueryClient();
  // Not waited for: who asked is told at once, before what he asked from shows the capture as done and is gone.
  const changed = () => void client.invalidateQueries();
  return {
    attach: useMutation({
      mutationFn: (given: AttachRequest) =>
        told(api.POST("/api/captures/{id}/attach", { params: { path: { id } }, body: given })),
      onSuccess: changed,
    }),
    dismiss: useMutation({
      mutationFn: () => told(api.POST("/api/captures/{id}/dismiss", { params: { path: { id } } })),
      onSuccess: changed,
    }),
  };
}

/** Where a paper can go from a record's page: a new record of an object that points here, or the record itself. */
export interface Target {
  object: ObjectDef;
  isNew: boolean;
}

export function targetsOf(objects: ObjectDef[], here: ObjectDef): Target[] {
  const pointing = objects.filter(
    (each) =>
      !each.builtin &&
      each.key !== here.key &&
      each.may?.create === true &&
      each.fields.some((field: FieldDef) => targetOf(field) === here.key && field.options.many !== true),
  );
  return [{ object: here, isNew: false }, ...pointing.map((object) => ({ object, isNew: true }))];
}

const KEYS_OF_KIND: Record<string, string> = {
  quotation: "quote",
  contract: "contract",
  order: "order",
  invoice: "invoice",
};

/** The likeliest target of a kind of paper: a quotation becomes a quote, anything else stays with the record. */
export function likelyTarget(targets: Target[], kind: string): Target | undefined {
  return targets.find((each) => each.object.key === KEYS_OF_KIND[kind]) ?? targets[0];
}

/** What is written: everything ticked, with what the person made of it; ticking what was unsure confirms it. */
export function attaching(
  target: Target,
  record: string,
  values: ProposedValue[],
  ticked: ReadonlySet<string>,
  edited: Readonly<Record<string, string>>,
): AttachRequest {
  const chosen = values.filter((each) => ticked.has(each.field));
  return {
    object: target.object.key,
    record: target.isNew ? null : record,
    values: Object.fromEntries(chosen.map((each) => [each.field, edited[each.field] ?? each.value])),
    confirmed: chosen.filter((each) => !each.is_sure).map((each) => each.field),
  };
}
