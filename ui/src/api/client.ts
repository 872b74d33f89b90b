import type { Fault } from "./types";

/** A refusal of the API: an RFC 9457 problem document. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: Fault[];
  readonly document: Record<string, unknown>;

  constructor(status: number, document: Record<string, unknown>) {
    super(String(document.detail ?? document.title ?? status));
    this.status = status;
    this.code = String(document.code ?? "unknown");
    this.faults = (document.faults as Fault[] | undefined) ?? [];
    this.document = document;
  }

  /** The first fault of a field, to be shown beside it. */
  at(field: string): Fault | undefined {
    return this.faults.find((fault) => fault.field === field);
  }
}

let language = "zh-CN";
export function speak(code: string): void {
  language = code;
}

/** The CSRF token comes with the session and is shared by its tabs; the cookie itself is HTTP-only. */
const CSRF = "tongmai.csrf";
export const csrf = {
  get: () => localStorage.getItem(CSRF) ?? "",
  set: (token: string) => localStorage.setItem(CSRF, token),
  clear: () => localStorage.removeItem(CSRF),
};

export async function call<T>(method: string, path: string, body?: unknown, headers?: HeadersInit): Promise<T> {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      "Accept-Language": language,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(method === "GET" ? {} : { "X-CSRF-Token": csrf.get() }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const document = text === "" ? null : parse(text);
  if (!answer.ok) throw new Problem(answer.status, (document ?? {}) as Record<string, unknown>);
  return document as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { title: text.slice(0, 200) };
  }
}
