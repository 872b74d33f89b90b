/** The description of the API, as far as the page reads it. */
export interface Described {
  paths: Record<string, Record<string, DescribedCall>>;
  components: { schemas: Record<string, unknown> };
}

interface DescribedCall {
  operationId: string;
  tags: string[];
  summary: string;
  parameters: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema: unknown }> }>;
}

export interface Line {
  id: string;
  tag: string;
  method: string;
  path: string;
  summary: string;
  parameters: DescribedCall["parameters"];
  /** What is sent and what is answered, as JSON schema; null where there is nothing. */
  body: unknown;
  answer: unknown;
}

/** The calls in which every word that was typed occurs, in the order of the description. */
export function linesOf({ paths }: Described, typed: string): Line[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, call]) => lineOf(path, method, call)))
    .filter((line) => {
      const text = `${line.method} ${line.path} ${line.summary} ${line.tag}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
}

function lineOf(path: string, method: string, call: DescribedCall): Line {
  const done = Object.entries(call.responses).find(([status]) => status.startsWith("2"))?.[1];
  return {
    id: call.operationId,
    tag: call.tags[0] ?? "",
    method: method.toUpperCase(),
    path,
    summary: call.summary,
    parameters: call.parameters,
    body: schemaOf(call.requestBody?.content),
    answer: schemaOf(done?.content),
  };
}

const schemaOf = (content: Record<string, { schema: unknown }> | undefined): unknown =>
  Object.values(content ?? {})[0]?.schema ?? null;

const REFERENCE = "#/components/schemas/";
const DEEPEST = 4;

/** A schema with what it refers to written out, a few levels deep; deeper down names stand for their schemas. */
export function writtenOut(schema: unknown, schemas: Record<string, unknown>, depth = 0): unknown {
  if (Array.isArray(schema)) return schema.map((each) => writtenOut(each, schemas, depth));
  if (typeof schema !== "object" || schema === null) return schema;
  const named = (schema as { $ref?: unknown }).$ref;
  if (typeof named === "string" && named.startsWith(REFERENCE)) {
    const name = named.slice(REFERENCE.length);
    return depth >= DEEPEST ? name : writtenOut(schemas[name], schemas, depth + 1);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, writtenOut(each, schemas, depth)]));
}
