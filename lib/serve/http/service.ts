/**
 * What the endpoints have in common: who writes texts, the limits, and what an
 * endpoint is told of a request.
 *
 * @module
 */

import type { ServedModel } from "../engine.ts";
import type { ChatTemplate } from "./chat_template.ts";
import type { ResponseStore } from "./response_store.ts";
import type { Schema } from "./schema.ts";
import type { TextSource } from "./texts.ts";

/** Who answers. */
export interface Service extends TextSource {
  /** Tokens that a text may have. */
  readonly maxTokens: number;
  /** Texts that a request may ask for. */
  readonly maxTexts: number;
  /** The program's version. */
  readonly version: string;
  /** How a model's conversations are written. */
  templateOf(model: ServedModel): ChatTemplate;
  /** Answers of `/v1/responses` that can be gone on from. */
  readonly responses: ResponseStore;
}

/** A request, as an endpoint sees it. */
export interface Call {
  readonly service: Service;
  /** Its body, which fits the endpoint's schema. */
  // deno-lint-ignore no-explicit-any -- each endpoint names its own type
  readonly body: any;
  /** The last part of its path, where that differs. */
  readonly id: string;
  /** Aborted when its client has gone, or the server must end. */
  readonly signal: AbortSignal;
  /** Adds to the line of the log. */
  note(about: Readonly<Record<string, unknown>>): void;
  /** Adds what has gone wrong after the answer was begun. */
  fail(error: unknown): void;
}

/** An endpoint. */
export interface Route {
  readonly method: "get" | "post" | "delete";
  /** With `{id}` for a part that differs. */
  readonly path: string;
  /** What it does, for the OpenAPI document. */
  readonly summary: string;
  /** What its body must be. */
  readonly body?: Schema;
  /** What its answer is, of JSON. */
  readonly answer?: Schema;
  /** The type of its answer, where that is not JSON. */
  readonly type?: string;
  /** What each event or line of a streamed answer is. */
  readonly stream?: {
    readonly type: "text/event-stream" | "application/x-ndjson";
    readonly schema: Schema;
  };
  /** Answered without a key, while shutting down too. */
  readonly isOpen?: boolean;
  /** Answers. */
  handle(call: Call): Response | Promise<Response>;
}

/**
 * A name that no other answer has, and nobody can guess.
 *
 * @param prefix What the id is of, as OpenAI has it.
 */
export function newId(prefix: string): string {
  return `${prefix}${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
