import i18next from "i18next";
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./schema";
import type { Fault } from "./types";

/** A refusal of the API: an RFC 9457 problem document; `status` 0 where the API could not be reached at all. */
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

/** What every call has: the person's language, the CSRF token of a write, and refusals thrown as `Problem`. */
const manners: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrf.get());
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw new Problem(response.status, parse(await response.text()));
    return undefined;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Problem(0, { code: "unreachable", title: i18next.t("unreachable") });
  },
};

/** The API as its description types it (`npm run api` makes the types anew). */
export const api = createClient<paths>({
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: (request) => globalThis.fetch(request),
});
api.use(manners);

/** What a call of `api` answers; a refusal is thrown as a `Problem`. */
export async function told<T>(asked: Promise<{ data?: T | undefined }>): Promise<T> {
  return (await asked).data as T;
}

/** A file as the body of a call: the browser sends it as a form, whose bytes the API's description types as text. */
export function asForm(file: File): string {
  const form = new FormData();
  form.append("file", file, file.name);
  return form as unknown as string;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { title: text.slice(0, 200) };
  }
}
