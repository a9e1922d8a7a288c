/**
 * An engine in this thread: admits texts, and has their models step in turn.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import {
  BusyError,
  type Engine,
  type EngineLoad,
  type ServedModel,
  type TextEvent,
  type TextRequest,
  type TextToken,
  UnknownModelError,
} from "../engine.ts";
import { KeptStates } from "./kept_states.ts";
import {
  type Counts,
  ModelStreams,
  MOST_ROWS,
  type NamedModel,
} from "./model_streams.ts";
import { StateCache } from "./state_cache.ts";
import { settledIds, Text } from "./text.ts";
import { nextTurn } from "./turn.ts";

/** How much an engine takes upon itself. */
export interface EngineLimits {
  /** Texts read and written at once, 1 to 64; 16 by default. */
  readonly streams?: number;
  /** Texts that may wait beside them; 64 by default. */
  readonly queue?: number;
  /** Bytes of states of prompts' beginnings; 256 MiB by default. */
  readonly cacheBytes?: number;
  /** Bytes of states that `keepAs` keeps; 256 MiB by default. */
  readonly keptBytes?: number;
  /** Most tokens of a text; 4096 by default. */
  readonly maxTokens?: number;
}

const MIB = 2 ** 20;

/** Conversations whose next turn is made ready; who spoke last comes first. */
const MOST_AHEAD = 64;

/** Characters of a beginning that is worth it. */
const LONGEST_AHEAD = 200_000;

/** How a prompt may begin. */
interface Beginning {
  readonly model: string;
  readonly beginning: string;
}

/** How much an engine takes upon itself unless it is said otherwise. */
const DEFAULTS: Required<EngineLimits> = {
  streams: 16,
  queue: 64,
  cacheBytes: 256 * MIB,
  keptBytes: 256 * MIB,
  maxTokens: 4096,
};

/**
 * Writes texts, many at once.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { BPETokenizer } from "../../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../../tokenizer/bpe/bpe_trainer.ts";
 * import { LocalEngine } from "./local_engine.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("bom dia, boa tarde\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const config = new RWKVConfig({ vocabSize: vocab.size, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(1);
 * const tokenizer = new BPETokenizer(vocab);
 * const named = { name: "small", created: 0, model, tokenizer };
 * await using engine = new LocalEngine([named]);
 * const events = await Array.fromAsync(engine.write({
 *   model: "small",
 *   prompt: "bom",
 *   maxTokens: 3,
 *   settings: { temperature: 0, seed: 1 },
 * }, new AbortController().signal));
 * assertEquals(events.at(-1)?.kind, "ended");
 * ```
 */
export class LocalEngine implements Engine {
  readonly models: readonly ServedModel[];
  readonly #limits: Required<EngineLimits>;
  readonly #cache: StateCache;
  readonly #kept: KeptStates;
  readonly #counts: Counts = {
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    steps: 0,
  };
  readonly #streams: ReadonlyMap<string, ModelStreams>;
  readonly #backend?: Backend;
  #waiting: Text[] = [];
  /** Beginnings to be read when nothing else is to be done, the newest last. */
  #ahead: Beginning[] = [];
  /** The one that is read, or was. */
  #beingRead?: { readonly beginning: Beginning; readonly text: Text };
  /** The work under way, while there is any. */
  #work?: Promise<void>;
  #isClosed = false;

  /**
   * An engine of models that are ready.
   *
   * @param models One or more, of different names, the default first.
   * @param limits How much it takes upon itself.
   * @param backend Disposed of with the engine.
   * @throws {RangeError} When a limit makes no sense, or a name is there twice.
   */
  constructor(
    models: readonly NamedModel[],
    limits: EngineLimits = {},
    backend?: Backend,
  ) {
    const given = Object.entries(limits).filter(([, it]) => it !== undefined);
    this.#limits = checkedLimits(Object.fromEntries(given));
    this.#cache = new StateCache(this.#limits.cacheBytes);
    this.#kept = new KeptStates(this.#limits.keptBytes);
    this.#backend = backend;
    const streams = new Map<string, ModelStreams>();
    for (const named of models) {
      if (streams.has(named.name)) {
        throw new RangeError(
          `Cannot serve two models by the name "${named.name}"`,
        );
      }
      streams.set(
        named.name,
        new ModelStreams(named, {
          streams: this.#limits.streams,
          cache: this.#cache,
          kept: this.#kept,
          counts: this.#counts,
        }),
      );
    }
    this.#streams = streams;
    this.models = [...streams.values()].map(({ served }) => served);
  }

  async *write(
    request: TextRequest,
    signal: AbortSignal,
  ): AsyncGenerator<TextEvent, void> {
    signal.throwIfAborted();
    const text = this.#admit(request);
    const abort = () => {
      text.isGone = true;
      text.events.fail(signal.reason);
    };
    signal.addEventListener("abort", abort);
    try {
      for (;;) {
        const event = await text.events.next();
        yield event;
        if (event.kind === "ended") return;
      }
    } finally {
      text.isGone = true;
      signal.removeEventListener("abort", abort);
    }
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async encode(model: string, text: string): Promise<Uint16Array> {
    return this.#of(model).tokenizer.encode(text);
  }

  // deno-lint-ignore require-await -- as above
  async tokenize(model: string, text: string): Promise<TextToken[]> {
    const { tokenizer } = this.#of(model);
    const shown = { keepSpecial: true, isPart: true };
    return [...tokenizer.encode(text)].map((id) => {
      const piece = tokenizer.decode([id], shown);
      return piece.includes("\uFFFD")
        ? { id, piece: [...tokenizer.bytesOf(id, shown)] }
        : { id, piece };
    });
  }

  // deno-lint-ignore require-await -- as above
  async decode(model: string, ids: readonly number[]): Promise<string> {
    return this.#of(model).tokenizer.decode(ids);
  }

  readAhead(model: string, beginning: string): void {
    if (this.#isClosed || this.#limits.cacheBytes === 0) return;
    if (!this.#streams.has(model) || beginning.length > LONGEST_AHEAD) return;
    this.#ahead.push({ model, beginning });
    if (this.#ahead.length > MOST_AHEAD) this.#ahead.shift();
    this.#work ??= this.#workOn();
  }

  forget(name: string): Promise<void> {
    this.#kept.forget(name);
    return Promise.resolve();
  }

  load(): Promise<EngineLoad> {
    return Promise.resolve({
      running: this.#running,
      waiting: this.#waiting.filter(({ isGone }) => !isGone).length,
      cacheBytes: this.#cache.bytes + this.#kept.bytes,
      ...this.#counts,
    });
  }

  /** Ends all texts, and the backend that it opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#work;
    this.#backend?.[Symbol.dispose]();
  }

  get #running(): number {
    let running = 0;
    for (const streams of this.#streams.values()) running += streams.running;
    return running;
  }

  #of(model: string): ModelStreams {
    const streams = this.#streams.get(model);
    if (streams !== undefined) return streams;
    throw new UnknownModelError(
      `Cannot use "${model}": there is no such model`,
    );
  }

  /** Checks a text and lets it wait for its turn. */
  #admit(request: TextRequest): Text {
    if (this.#isClosed) {
      throw new Error("Cannot write a text: the engine was closed");
    }
    const { maxTokens, model, goOnFrom } = request;
    const { tokenizer } = this.#of(model);
    const most = this.#limits.maxTokens;
    if (!Number.isInteger(maxTokens) || maxTokens < 0 || maxTokens > most) {
      throw new RangeError(
        `Cannot write ${maxTokens} tokens: at most ${most} are allowed`,
      );
    }
    const kept = goOnFrom === undefined
      ? undefined
      : this.#kept.get(goOnFrom, model);
    const text = new Text(request, tokenizer, kept);
    this.#waiting = this.#waiting.filter(({ isGone }) => !isGone);
    const free = this.#limits.streams - this.#running;
    if (this.#waiting.length >= free + this.#limits.queue) {
      throw new BusyError(
        `Cannot take another text: ${this.#waiting.length} wait already`,
      );
    }
    this.#waiting.push(text);
    this.#putOff();
    text.events.push({ kind: "admitted" });
    this.#work ??= this.#workOn();
    return text;
  }

  /** Steps until there is nothing to do. */
  async #workOn(): Promise<void> {
    await nextTurn(); // who asks at once is read together
    while (!this.#isClosed) {
      for (const streams of this.#streams.values()) {
        try {
          await this.#begin();
          if (streams.running > 0) await streams.step();
        } catch (error) {
          streams.fail(error);
        }
      }
      if (this.#running === 0 && this.#waiting.length === 0) {
        if (this.#ahead.length === 0) {
          this.#work = undefined; // at once: the next text may be here already
          return;
        }
        this.#beginAhead(this.#ahead.pop()!);
      }
      await nextTurn();
    }
    const reason = new Error(
      "Cannot go on with the text: the engine was closed",
    );
    for (const text of this.#waiting.splice(0)) text.events.fail(reason);
    for (const streams of this.#streams.values()) streams.fail(reason);
  }

  /** Has the beginning of a prompt read that nobody has asked for yet. */
  #beginAhead(next: Beginning): void {
    const { model, beginning } = next;
    const { tokenizer } = this.#of(model);
    const prompt = settledIds(beginning, tokenizer);
    const settings = { temperature: 0, seed: 0 };
    const request = { model, prompt, settings, maxTokens: 0 };
    const text = new Text(request, tokenizer);
    text.isAhead = true;
    this.#waiting.push(text);
    this.#beingRead = { beginning: next, text };
  }

  /** Leaves what is read ahead for later: somebody asks for something. */
  #putOff(): void {
    if (this.#beingRead === undefined) return;
    const { beginning, text } = this.#beingRead;
    this.#beingRead = undefined;
    if (text.ending !== undefined) return;
    text.isGone = true;
    this.#ahead.unshift(beginning);
  }

  /** Begins those that wait, while there is room. */
  async #begin(): Promise<void> {
    while (this.#running < this.#limits.streams) {
      const text = this.#waiting.shift();
      if (text === undefined) return;
      if (text.isGone) continue;
      try {
        await this.#of(text.request.model).begin(text);
      } catch (error) {
        text.isGone = true;
        text.events.fail(error);
      }
    }
  }
}

/**
 * Limits with what is not said of them.
 *
 * @throws {RangeError} When one makes no sense.
 */
export function checkedLimits(given: EngineLimits): Required<EngineLimits> {
  const limits = { ...DEFAULTS, ...given };
  const { streams, ...others } = limits;
  if (!Number.isInteger(streams) || streams < 1 || streams > MOST_ROWS) {
    throw new RangeError(
      `Cannot write ${streams} texts at once: 1 to ${MOST_ROWS} are possible`,
    );
  }
  for (const [name, value] of Object.entries(others)) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new RangeError(
      `Cannot serve with ${name} ${value}: it must be a whole number from 0 on`,
    );
  }
  return limits;
}
