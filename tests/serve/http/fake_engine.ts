/**
 * An engine that counts in Portuguese, so that answers are known beforehand. Of
 * prompts each character is a token, of what is written each word.
 *
 * @module
 */

import {
  BusyError,
  type Engine,
  type EngineLoad,
  type ServedModel,
  type TextEvent,
  type TextRequest,
  type TextToken,
  UnknownModelError,
  UnknownStateError,
  type WrittenToken,
} from "../../../lib/serve/engine.ts";

/** What it writes, over and over; with a seed from another word on. */
export const WORDS = [" um", " dois", " três", " quatro", "\n\n", "Usuário:"];

/** How it behaves. */
interface FakeOptions {
  /** Time that a token takes, in ms. */
  readonly delay?: number;
  /** Texts that it takes at once. */
  readonly capacity?: number;
  /** Texts that it writes at once; others wait. */
  readonly places?: number;
}

/** The engine. */
export class FakeEngine implements Engine {
  readonly models: readonly ServedModel[] = ["contador", "outro"].map(
    (name) => ({
      name,
      created: 1_700_000_000,
      architecture: "rwkv7",
      parameters: 1_234_567,
      vocabSize: 60_000,
      dModel: 64,
      layers: 2,
      stateBytes: 4096,
      backend: "fingers",
    }),
  );
  /** What was asked for, the latest last. */
  readonly requests: TextRequest[] = [];
  /** Texts that were left before their ends. */
  aborted = 0;
  running = 0;
  readonly #delay: number;
  readonly #capacity: number;
  readonly #places: number;
  #writing = 0;
  readonly #states = new Map<string, number>();
  readonly #counts = { prompt: 0, cached: 0, completion: 0 };

  /** What was to be read ahead. */
  readonly ahead: { readonly model: string; readonly beginning: string }[] = [];

  constructor({ delay = 0, capacity = 100, places = 100 }: FakeOptions = {}) {
    this.#delay = delay;
    this.#capacity = capacity;
    this.#places = places;
  }

  async *write(
    request: TextRequest,
    signal: AbortSignal,
  ): AsyncGenerator<TextEvent> {
    this.requests.push(request);
    if (!this.models.some(({ name }) => name === request.model)) {
      throw new UnknownModelError(`Cannot find a model "${request.model}"`);
    }
    const { goOnFrom, keepAs } = request;
    const before = goOnFrom === undefined ? 0 : this.#states.get(goOnFrom);
    if (before === undefined) {
      throw new UnknownStateError("Cannot go on: the state is not kept");
    }
    if (this.running >= this.#capacity) {
      throw new BusyError("Cannot take more texts: all places are taken");
    }
    this.running++;
    let isOver = false, isBegun = false;
    try {
      signal.throwIfAborted();
      yield { kind: "admitted" };
      while (this.#writing >= this.#places) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        signal.throwIfAborted();
      }
      this.#writing++;
      isBegun = true;
      const promptTokens = before + request.prompt.length;
      this.#counts.prompt += request.prompt.length;
      this.#counts.cached += before;
      yield { kind: "begun", promptTokens, cachedTokens: before };
      for (const event of eventsOf(request)) {
        await new Promise((resolve) => setTimeout(resolve, this.#delay));
        signal.throwIfAborted();
        if (event.kind === "piece") this.#counts.completion++;
        isOver = event.kind === "ended";
        if (event.kind === "ended" && keepAs !== undefined) {
          this.#states.set(keepAs, promptTokens + event.completionTokens);
        }
        yield event;
      }
    } finally {
      if (!isOver) this.aborted++;
      this.running--;
      if (isBegun) this.#writing--;
    }
  }

  encode(_model: string, text: string): Promise<Uint16Array> {
    return Promise.resolve(Uint16Array.from(text, (c) => c.charCodeAt(0)));
  }

  async tokenize(model: string, text: string): Promise<TextToken[]> {
    const ids = [...await this.encode(model, text)];
    // Beyond ASCII it knows parts of characters only.
    return ids.map((id) => ({
      id,
      piece: id < 128 ? String.fromCharCode(id) : [0xc3],
    }));
  }

  decode(_model: string, ids: readonly number[]): Promise<string> {
    return Promise.resolve(String.fromCharCode(...ids));
  }

  readAhead(model: string, beginning: string): void {
    this.ahead.push({ model, beginning });
  }

  forget(name: string): Promise<void> {
    this.#states.delete(name);
    return Promise.resolve();
  }

  load(): Promise<EngineLoad> {
    return Promise.resolve({
      running: this.running,
      waiting: 0,
      cacheBytes: this.#states.size * 4096,
      promptTokens: this.#counts.prompt,
      cachedTokens: this.#counts.cached,
      completionTokens: this.#counts.completion,
      steps: this.#counts.completion,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** What is written, with nothing of it beyond a stop. */
function* eventsOf(
  { settings, maxTokens, stop = [], likeliest }: TextRequest,
): Generator<TextEvent> {
  const first = settings.temperature === 0 ? 0 : settings.seed % 4;
  let text = "", told = 0;
  for (let i = 0; i < maxTokens; i++) {
    const word = WORDS[(first + i) % WORDS.length];
    text += word;
    const at = stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    const end = Math.min(text.length, ...at);
    const tokens = likeliest === undefined || at.length > 0
      ? []
      : [tokenOf(word, likeliest)];
    // A blank line is held back, for a stop may follow it.
    if (at.length === 0 && stop.length > 0 && text.endsWith("\n\n")) {
      if (tokens.length > 0) yield { kind: "piece", text: "", tokens };
      continue;
    }
    yield { kind: "piece", text: text.slice(told, end), tokens };
    told = end;
    if (at.length > 0) {
      yield { kind: "ended", reason: "stop", completionTokens: i + 1 };
      return;
    }
  }
  if (told < text.length) {
    yield { kind: "piece", text: text.slice(told), tokens: [] };
  }
  yield { kind: "ended", reason: "length", completionTokens: maxTokens };
}

function tokenOf(word: string, likeliest: number): WrittenToken {
  const told = (text: string, id: number) => ({
    id,
    logprob: -0.5 - id,
    text,
    bytes: [...new TextEncoder().encode(text)],
  });
  const others = WORDS.slice(0, likeliest).map(told);
  return { ...told(word, WORDS.indexOf(word)), likeliest: others };
}
