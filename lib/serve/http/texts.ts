/**
 * Texts by an engine, as the endpoints need them: begun before anything is
 * answered, so that what goes wrong has a status; then whole, or in pieces.
 *
 * @module
 */

import type {
  Engine,
  ServedModel,
  TextEvent,
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

/** A text that is written. */
export interface WholeText extends Ending, Piece {
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What is told of how long texts take. */
export type TextMeasures = Pick<Metrics, "firstToken" | "nextToken" | "ended">;

/** What texts are asked of, and what is counted meanwhile. */
export interface TextSource {
  readonly engine: Engine;
  readonly metrics: TextMeasures;
  /** Aborted with what is said to those whose texts are not begun any more. */
  readonly draining: AbortSignal;
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

/** A text that is asked for: it waits, is read, and is written. */
export class BegunText {
  /** What is written, once it has begun. */
  readonly pieces: AsyncGenerator<Piece, void>;
  readonly #source: TextSource;
  readonly #model: string;
  readonly #events: AsyncIterator<TextEvent, void>;
  readonly #left = new AbortController();
  readonly #start = performance.now();
  #beginning?: Promise<void>;
  #begun?: { readonly promptTokens: number; readonly cachedTokens: number };
  #ending?: Ending;

  /**
   * Asks for a text.
   *
   * @param source Who writes it.
   * @param request What is asked for.
   * @param signal Ends the work.
   */
  constructor(source: TextSource, request: TextRequest, signal: AbortSignal) {
    const either = AbortSignal.any([signal, this.#left.signal]);
    const events = source.engine.write(request, either);
    this.#source = source;
    this.#model = request.model;
    this.#events = events[Symbol.asyncIterator]();
    this.pieces = this.#pieces();
  }

  /** Tokens of its prompt. */
  get promptTokens(): number {
    return this.#known.promptTokens;
  }

  /** Those of them that were not read again. */
  get cachedTokens(): number {
    return this.#known.cachedTokens;
  }

  /** Whether its prompt is being read, or was. */
  get isBegun(): boolean {
    return this.#begun !== undefined;
  }

  /** How it ended, when all of it is there. */
  get ending(): Ending {
    if (this.#ending !== undefined) return this.#ending;
    throw new Error("Cannot tell how a text ends: it has not");
  }

  /** Waits until it is known that it will be written. */
  async admit(): Promise<void> {
    await this.#expect("admitted");
  }

  /** Waits until its prompt is being read; after `admit()`. */
  begin(): Promise<void> {
    return this.#beginning ??= this.#begin();
  }

  /** Ends the work, for this reason. */
  leave(reason?: unknown): void {
    this.#left.abort(reason);
  }

  async #begin(): Promise<void> {
    this.#begun = await this.#expect("begun");
  }

  async #expect<K extends TextEvent["kind"]>(
    kind: K,
  ): Promise<Extract<TextEvent, { readonly kind: K }>> {
    const { done, value } = await this.#events.next();
    if (!done && isOf(kind, value)) return value;
    throw new Error(`Cannot write a text: the engine has not ${kind} it`);
  }

  get #known() {
    if (this.#begun !== undefined) return this.#begun;
    throw new Error("Cannot tell what a prompt has: it was not begun");
  }

  async *#pieces(): AsyncGenerator<Piece, void> {
    const { metrics } = this.#source, model = this.#model;
    let last: number | undefined;
    try {
      await this.begin();
      for (;;) {
        const { done, value } = await this.#events.next();
        if (done) throw new Error("Cannot write a text: it did not end");
        if (value.kind === "ended") {
          this.#ending = value;
          return;
        }
        if (value.kind !== "piece") continue;
        const now = performance.now();
        const seconds = (now - (last ?? this.#start)) / 1000;
        if (last === undefined) metrics.firstToken(model, seconds);
        else metrics.nextToken(model, seconds);
        last = now;
        yield value;
      }
    } finally {
      const seconds = (performance.now() - this.#start) / 1000;
      metrics.ended(model, this.#ending?.reason ?? "abort", seconds);
      await this.#events.return?.();
    }
  }
}

function isOf<K extends TextEvent["kind"]>(
  kind: K,
  event: TextEvent,
): event is Extract<TextEvent, { readonly kind: K }> {
  return event.kind === kind;
}

/**
 * Begins the texts of a request.
 *
 * @param source Who writes them.
 * @param requests What is asked for.
 * @param signal Ends the work.
 * @returns When all will be written and the first is begun; others may wait.
 * @throws {ApiError} When the server is to end before one is begun.
 */
export async function beginTexts(
  source: TextSource,
  requests: readonly TextRequest[],
  signal: AbortSignal,
): Promise<readonly BegunText[]> {
  const { draining } = source;
  draining.throwIfAborted();
  const texts = requests.map((one) => new BegunText(source, one, signal));
  const leave = (reason: unknown) => texts.forEach((one) => one.leave(reason));
  const refuse = () => leave(draining.reason);
  draining.addEventListener("abort", refuse);
  try {
    const admitted = texts.map((text) => text.admit());
    await Promise.all(admitted);
    const begun = texts.map((text) => text.begin());
    for (const one of begun) one.catch(() => {}); // its pieces tell of it too
    await Promise.race(begun);
    return texts;
  } catch (error) {
    leave(error);
    throw error;
  } finally {
    draining.removeEventListener("abort", refuse);
  }
}

/**
 * Waits for a text.
 *
 * @param begun The text.
 * @param onPiece Told when a piece is there.
 */
export async function wholeText(
  begun: BegunText,
  onPiece: () => void = () => {},
): Promise<WholeText> {
  let text = "";
  const tokens: WrittenToken[] = [];
  for await (const piece of begun.pieces) {
    onPiece();
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
    for (const step of awaited.values()) step.catch(() => {});
    for (const text of texts) text.leave(); // what waits too
    await Promise.allSettled(texts.map(({ pieces }) => pieces.return()));
  }
}

/** What a header says of the states that were kept, as far as it is known. */
export function cachedHeader(
  texts: readonly BegunText[],
): Record<string, string> {
  const cached = texts.filter(({ isBegun }) => isBegun)
    .reduce((sum, text) => sum + text.cachedTokens, 0);
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
