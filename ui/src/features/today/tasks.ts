import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { refresh } from "../../api/queries";
import type { Reason, TaskDone, TaskHandedOver, TaskSkipped, TaskSnoozed, TaskWanted } from "../../api/schema";
import type { RecordRow } from "../../api/types";
import type { Urgency } from "./matter";

/** Makes a task; sent again with the same key, it is still one task. */
export const makeTask = (wanted: TaskWanted, key: string) =>
  told(api.POST("/api/tasks", { body: wanted, headers: { "Idempotency-Key": key } }));

export type TaskMove =
  | { move: "done"; body: TaskDone }
  | { move: "skip"; body: TaskSkipped }
  | { move: "snooze"; body: TaskSnoozed }
  | { move: "delegate"; body: TaskHandedOver };

export function moveTask({ id, ...made }: { id: string } & TaskMove): Promise<unknown> {
  const params = { path: { id } };
  switch (made.move) {
    case "done":
      return told(api.POST("/api/tasks/{id}/done", { params, body: made.body }));
    case "skip":
      return told(api.POST("/api/tasks/{id}/skip", { params, body: made.body }));
    case "snooze":
      return told(api.POST("/api/tasks/{id}/snooze", { params, body: made.body }));
    case "delegate":
      return told(api.POST("/api/tasks/{id}/delegate", { params, body: made.body }));
  }
}

export function useMoveTask() {
  const client = useQueryClient();
  return useMutation({ mutationFn: moveTask, onSuccess: () => refresh(client, "task") });
}

export type SignalMove = "act" | "dismiss";

export const moveSignal = ({ id, move, body = {} }: { id: string; move: SignalMove; body?: Reason }) =>
  told(
    move === "act"
      ? api.POST("/api/signals/{id}/act", { params: { path: { id } }, body })
      : api.POST("/api/signals/{id}/dismiss", { params: { path: { id } }, body }),
  );

export function useMoveSignal() {
  const client = useQueryClient();
  return useMutation({ mutationFn: moveSignal, onSuccess: () => refresh(client, "signal") });
}

/** Overdue: now. Due before the day ends: soon. */
export function urgencyOf(task: RecordRow, now: Date): Urgency {
  const due = dueOf(task);
  if (due === null) return "later";
  if (due <= now) return "now";
  const end = new Date(now);
  end.setHours(23, 59, 59, 999);
  return due <= end ? "soon" : "later";
}

export function dueOf(task: RecordRow): Date | null {
  return typeof task.due_at === "string" ? new Date(task.due_at) : null;
}

/** How long until (positive) or since (negative) a moment, in its largest whole unit. */
export function distance(to: Date, now: Date): { amount: number; unit: "minute" | "hour" | "day"; past: boolean } {
  const minutes = Math.round((to.getTime() - now.getTime()) / 60_000);
  const size = Math.abs(minutes);
  const past = minutes < 0;
  if (size < 60) return { amount: size, unit: "minute", past };
  if (size < 48 * 60) return { amount: Math.round(size / 60), unit: "hour", past };
  return { amount: Math.round(size / 1440), unit: "day", past };
}

/** The text values of a record, whose types the model of the work objects tells. */
export function textOf(row: RecordRow, key: string): string {
  const value = row[key];
  return typeof value === "string" ? value : "";
}

/** The fields of the record that a task asks for before it is done. */
export function formOf(task: RecordRow): string[] {
  const given: unknown = typeof task.form === "string" ? safely(task.form) : task.form;
  return Array.isArray(given) ? given.filter((each): each is string => typeof each === "string") : [];
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
