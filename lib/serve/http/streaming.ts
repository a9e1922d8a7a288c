/**
 * Answers in pieces: events (SSE) for OpenAI's clients, lines for Ollama's.
 *
 * @module
 */

import { asApiError } from "./errors.ts";

/** How one event of a stream is written. */
type Frame = (event: object) => string;

/** An event without a name, as completions have them. */
export const plainEvent: Frame = (event) =>
  `data: ${JSON.stringify(event)}\n\n`;

/** An event named by its type, as responses have them. */
export const typedEvent: Frame = (event) =>
  `event: ${(event as { type: string }).type}\ndata: ${
    JSON.stringify(event)
  }\n\n`;

/** A line of JSON. */
export const line: Frame = (event) => `${JSON.stringify(event)}\n`;

/** What is streamed, and how. */
export interface StreamOptions {
  /** The type of the answer. */
  readonly type: "text/event-stream" | "application/x-ndjson";
  /** How an event is written. */
  readonly frame: Frame;
  /** What ends it when all went well. */
  readonly end?: string;
  /** The event of an error on the way, which has no status any more. */
  readonly onError?: (error: unknown) => object;
  /** Told of such an error. */
  readonly onFailure: (error: unknown) => void;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An answer whose body is written as events come.
 *
 * @param events What to write.
 * @param options How.
 */
export function streamed(
  events: AsyncGenerator<object>,
  { type, frame, end = "", onError, onFailure, headers }: StreamOptions,
): Response {
  async function* text(): AsyncGenerator<string> {
    try {
      for await (const event of events) yield frame(event);
      if (end !== "") yield end;
    } catch (error) {
      onFailure(error);
      yield frame((onError ?? ((error) => asApiError(error).body))(error));
    }
  }
  const body = streamOf(text()).pipeThrough(new TextEncoderStream());
  return new Response(body, {
    headers: {
      "content-type": type === "text/event-stream"
        ? "text/event-stream; charset=utf-8"
        : type,
      "cache-control": "no-cache",
      "x-accel-buffering": "no", // a proxy that waits for all has no stream
      ...headers,
    },
  });
}

/** `ReadableStream.from()`, which not every browser has. */
function streamOf(pieces: AsyncGenerator<string>): ReadableStream<string> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
