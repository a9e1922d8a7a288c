/**
 * Texts by an engine, as the endpoints need them: begun before anything is
 * answered, so that what goes wrong has a status; then whole, or in pieces.
 *
 * @module
 */

import type {
  Engine,
  ServedModel,
  TextRequest,
  WrittenToken,
} from "../engine.ts";
import { UnknownModelError } from "../engine.ts";
import type { Metrics } from "./metrics.ts";

/** The header that says how many tokens of a prompt were not read again. */
export const CACHED_HEADER = "x-cached-tokens";

/** A piece of a text. */
export interface Piece {
  readonly text: string;
  readonly tokens: readonly WrittenToken[];
}

/** How a text ended. */
export interface Ending {
  readonly reason: "stop" | "length";
  readonly completionTokens: number;
}

/** A text that is being written. */
export interface BegunText {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** What is written. */
  readonly pieces: AsyncGenerator<Piece, void>;
  /** How it ended, when all of it is there. */
  readonly ending: Ending;
}

/** A text that is written. */
export interface WholeText extends Ending, Piece {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What texts are asked of, and what is counted meanwhile. */
export interface TextSource {
  readonly engine: Engine;
  readonly metrics: Metrics;
}

/**
 * The model of a name; `name:latest`, as Ollama's clients have it, is one too.
 *
 * @throws {UnknownModelError} When there is none.
 */
export function modelNamed(engine: Engine, name: string): ServedModel {
  const plain = name.replace(/:latest$/, "");
  const model = engine.models.find((model) =>
    model.name === name || model.name === plain
  );
  if (model !== undefined) return model;
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  const known = engine.models.map(({ name }) => name).join(", ");
  throw new UnknownModelError(
    `Cannot find a model "${shown}": there are ${known}`,
  );
}

/** The model that a request names, or the first. */
export function modelOf(
  engine: Engine,
  name: string | null | undefined,
): ServedModel {
  return name === undefined || name === null
    ? engine.models[0]
    : modelNamed(engine, name);
}

/**
 * Begins a text.
 *
 * @param source Who writes it.
 * @param request What is asked for.
 * @param signal Ends the work.
 * @returns When its prompt is being read.
 */
export async function beginText(
  { engine, metrics }: TextSource,
  request: TextRequest,
  signal: AbortSignal,
): Promise<BegunText> {
  const start = performance.now();
  const events = engine.write(request, signal)[Symbol.asyncIterator]();
  const first = await events.next();
  if (first.done || first.value.kind !== "begun") {
    throw new Error("Cannot write a text: the engine did not begin it");
  }
  const { promptTokens, cachedTokens } = first.value;
  let ending: Ending | undefined;
  async function* pieces(): AsyncGenerator<Piece, void> {
    let last: number | undefined;
    try {
      for (;;) {
        const { done, value } = await events.next();
        if (done) throw new Error("Cannot write a text: it did not end");
        if (value.kind === "ended") {
          ending = value;
          return;
        }
        if (value.kind !== "piece") continue;
        const now = performance.now();
        const seconds = (now - (last ?? start)) / 1000;
        if (last === undefined) metrics.firstToken(request.model, seconds);
        else metrics.nextToken(request.model, seconds);
        last = now;
        yield value;
      }
    } finally {
      const seconds = (performance.now() - start) / 1000;
      metrics.ended(request.model, ending?.reason ?? "abort", seconds);
      await events.return?.();
    }
  }
  return {
    promptTokens,
    cachedTokens,
    pieces: pieces(),
    get ending() {
      if (ending !== undefined) return ending;
      throw new Error("Cannot tell how a text ends: it has not");
    },
  };
}

/** Waits for a text. */
export async function wholeText(begun: BegunText): Promise<WholeText> {
  let text = "";
  const tokens: WrittenToken[] = [];
  for await (const piece of begun.pieces) {
    text += piece.text;
    tokens.push(...piece.tokens);
  }
  const { promptTokens, cachedTokens, ending } = begun;
  const { reason, completionTokens } = ending;
  return {
    text,
    tokens,
    reason,
    completionTokens,
    promptTokens,
    cachedTokens,
  };
}

/** A piece of one of several texts, or its end. */
export type Part =
  | { readonly index: number; readonly piece: Piece }
  | { readonly index: number; readonly ending: Ending };

/** The pieces of several texts, as they come. */
export async function* merged(
  texts: readonly BegunText[],
): AsyncGenerator<Part, void> {
  type Step = { index: number; result: IteratorResult<Piece, void> };
  const next = async (index: number): Promise<Step> => ({
    index,
    result: await texts[index].pieces.next(),
  });
  const awaited = new Map(texts.map((_, index) => [index, next(index)]));
  try {
    while (awaited.size > 0) {
      const { index, result } = await Promise.race(awaited.values());
      if (result.done) {
        awaited.delete(index);
        yield { index, ending: texts[index].ending };
      } else {
        awaited.set(index, next(index));
        yield { index, piece: result.value };
      }
    }
  } finally {
    // What still waits is ended by the signal of who has gone.
    for (const step of awaited.values()) step.catch(() => {});
    await Promise.allSettled(texts.map(({ pieces }) => pieces.return()));
  }
}

/** What a header says of the states that were kept. */
export function cachedHeader(
  texts: readonly BegunText[],
): Record<string, string> {
  const cached = texts.reduce((sum, text) => sum + text.cachedTokens, 0);
  return { [CACHED_HEADER]: String(cached) };
}

/** Tokens that were written in all. */
export function tokensOf(
  texts: readonly { completionTokens: number }[],
): number {
  return texts.reduce((sum, text) => sum + text.completionTokens, 0);
}

/** What the texts of a request have cost, as OpenAI counts it. */
export function usageOf(
  texts: readonly { promptTokens: number; cachedTokens: number }[],
  completionTokens: number,
): {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
} {
  const sum = (of: (text: typeof texts[number]) => number) =>
    texts.reduce((total, text) => total + of(text), 0);
  const promptTokens = sum(({ promptTokens }) => promptTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: {
      cached_tokens: sum(({ cachedTokens }) => cachedTokens),
    },
  };
}
