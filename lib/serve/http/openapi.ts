/**
 * The OpenAPI document, made of what requests are checked by.
 *
 * @module
 */

import { ANSWERS, reference } from "./answer_schemas.ts";
import type { Schema } from "./schema.ts";
import type { Route } from "./service.ts";
import { CACHED_HEADER } from "./texts.ts";

/** What of a document others read. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, OpenApiOperation>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** An endpoint in a document. */
export interface OpenApiOperation {
  readonly summary: string;
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: OpenApiContent;
  };
  readonly parameters?: readonly object[];
  readonly responses: Readonly<
    Record<
      string,
      { description: string; headers?: object; content?: OpenApiContent }
    >
  >;
}

/** Schemas by type of content. */
type OpenApiContent = Readonly<Record<string, { readonly schema: Schema }>>;

/**
 * Describes endpoints.
 *
 * @param routes The endpoints.
 * @param version Of the program.
 */
export function openApi(routes: readonly Route[], version: string): OpenApi {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operation(route);
  }
  const document = {
    openapi: "3.1.0",
    info: {
      title: "PTBR-SLM",
      version,
      description:
        "Text by the models of this server: OpenAI's shapes under /v1, Ollama's under /api.",
    },
    security: [{}, { key: [] }],
    paths,
    components: {
      schemas: ANSWERS,
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
  return document;
}

const CACHED = {
  [CACHED_HEADER]: {
    description: "Tokens of the prompt that were not read again.",
    schema: { type: "integer" },
  },
};

function operation(route: Route): OpenApiOperation {
  const { path, summary, body, answer, type, stream } = route;
  const content: Record<string, { schema: Schema }> = {};
  if (answer !== undefined) content["application/json"] = { schema: answer };
  if (type !== undefined) content[type] = { schema: { type: "string" } };
  if (stream !== undefined) content[stream.type] = { schema: stream.schema };
  const parameters = path.includes("{id}")
    ? [{ name: "id", in: "path", required: true, schema: { type: "string" } }]
    : undefined;
  const schema = reference(path.startsWith("/api/") ? "OllamaError" : "Error");
  return {
    summary,
    ...parameters && { parameters },
    ...body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: body } },
      },
    },
    responses: {
      200: {
        description: "As asked for.",
        ...stream && { headers: CACHED },
        content,
      },
      default: {
        description: "Why it is not.",
        content: { "application/json": { schema } },
      },
    },
  };
}
