import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, csrf, Problem } from "../../api/client";
import type { FieldDef, ObjectDef } from "../../api/types";
import { targetOf } from "../../meta/target";

/** A place on a page in shares of its width and height, from the top left corner. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface FoundValue {
  field: string;
  value: string;
  text: string;
  confidence: number;
  is_sure: boolean;
  page: number;
  box: Box;
  cell: string | null;
  reason: string;
  object: string | null;
  record: string | null;
  label: string | null;
}

export interface CapturePage {
  number: number;
  width: number;
  height: number;
  by: "text" | "ocr" | "cells" | "speech";
  name: string | null;
  picture: string | null;
}

export type CaptureState = "reading" | "found" | "attached" | "refused" | "dismissed";

export interface Capture {
  id: string;
  title: string;
  kind: string;
  state: CaptureState;
  values: FoundValue[];
  pages: CapturePage[];
  notes: string[];
  text: string | null;
  read_by: string | null;
  reason: string | null;
  target: { object: string; id: string; title: string | null } | null;
  job: string | null;
  sure_from: number;
}

export interface ProposedValue {
  field: string;
  value: string | number | boolean | null;
  shown: string;
  confidence: number;
  is_sure: boolean;
  reason: string;
  found: number | null;
}

export interface Proposal {
  object: string;
  values: ProposedValue[];
  file_field: string | null;
  is_sure: boolean;
}

export interface CaptureRow {
  id: string;
  title: string;
  kind: string;
  state: CaptureState;
  reason: string | null;
  target: string | null;
  created_at: string;
}

export interface Abilities {
  ocr: boolean;
  speech: "here" | "service" | "none";
  max_bytes: number;
}

interface ReadingJob {
  state: string;
  progress: number;
  error: { message?: string } | null;
}

const POLL_MS = 1_000;

export const useAbilities = () =>
  useQuery({
    queryKey: ["capture-abilities"],
    queryFn: () => call<Abilities>("GET", "/api/capture-abilities"),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useCaptures = (record: string) =>
  useQuery({
    queryKey: ["captures", record],
    queryFn: () => call<{ items: CaptureRow[] }>("GET", `/api/captures?on=${record}`),
    refetchInterval: (query) =>
      query.state.data?.items.some((each) => each.state === "reading") ? 2 * POLL_MS : false,
  });

/** A capture; asked for again and again while its file is being read. */
export const useCapture = (id: string) =>
  useQuery({
    queryKey: ["capture", id],
    queryFn: () => call<Capture>("GET", `/api/captures/${id}`),
    refetchInterval: (query) => (query.state.data?.state === "reading" ? POLL_MS : false),
  });

/** How far the reading is, in percent; and why it ended, if it failed. */
export const useReading = (job: string | null) =>
  useQuery({
    queryKey: ["capture-job", job],
    queryFn: () => call<ReadingJob>("GET", `/api/jobs/${job}`),
    enabled: job !== null,
    refetchInterval: (query) => (["queued", "running"].includes(query.state.data?.state ?? "queued") ? POLL_MS : false),
  });

export const useProposal = (id: string, object: string, ready: boolean) =>
  useQuery({
    queryKey: ["capture-proposal", id, object],
    queryFn: () => call<Proposal>("GET", `/api/captures/${id}/proposal/${object}`),
    enabled: ready,
  });

/** Sends a file that was dropped on a record; the id of its capture. */
export async function sendCapture(file: File, object: string, record: string): Promise<string> {
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await fetch(`/api/captures?${new URLSearchParams({ object, record })}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRF-Token": csrf.get(), "Accept-Language": document.documentElement.lang },
    body: form,
  });
  const told = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Problem(answer.status, told);
  return String(told.id);
}

export interface Attaching {
  object: string;
  record: string | null;
  values: Record<string, unknown>;
  confirmed: string[];
}

/** Attaches or dismisses, and lets everything that shows the record ask again. */
export function useMoves(id: string) {
  const client = useQueryClient();
  // Not waited for: who asked is told at once, before what he asked from shows the capture as done and is gone.
  const changed = () => void client.invalidateQueries();
  return {
    attach: useMutation({
      mutationFn: (given: Attaching) =>
        call<{ object: string; record: string; title: string }>("POST", `/api/captures/${id}/attach`, given),
      onSuccess: changed,
    }),
    dismiss: useMutation({
      mutationFn: () => call<Capture>("POST", `/api/captures/${id}/dismiss`),
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
): Attaching {
  const chosen = values.filter((each) => ticked.has(each.field));
  return {
    object: target.object.key,
    record: target.isNew ? null : record,
    values: Object.fromEntries(chosen.map((each) => [each.field, edited[each.field] ?? each.value])),
    confirmed: chosen.filter((each) => !each.is_sure).map((each) => each.field),
  };
}
