/**
 * A model that is fed a text token by token and whose state can be kept: for
 * whoever wants more than `Generator` does.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { SavedState } from "../model/state.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { EventTurns } from "../turns.ts";
import { Place } from "./place.ts";
import type { Choice } from "./choosing.ts";
import type { GenerateOptions } from "./generator.ts";
import { chooseBy, type Sampler } from "./sampler.ts";
import { LONGEST_WINDOW, TokenChooser } from "./token_chooser.ts";
import { WrittenText } from "./written_text.ts";

/**
 * A session as plain numbers, for another backend; `encodeSession()` makes bytes
 * for a file of it, which JSON cannot hold.
 */
export interface SavedSession {
  /** How many tokens had been fed. */
  readonly tokens: number;
  /** What the model remembered of them. */
  readonly state: SavedState;
  /** What might follow, one a token; absent before the first. */
  readonly logits?: Float32Array;
  /** The last tokens fed, for penalties; absent in what is older than they. */
  readonly recent?: readonly number[];
}

/** How a session's text goes on. */
export type SessionWriteOptions = Omit<GenerateOptions, "ahead">;

/** How tokens are fed. */
export interface FeedOptions {
  /**
   * Ends the work between pieces; what was fed until then stays, and what waits
   * is given the signal's reason.
   */
  readonly signal?: AbortSignal;
}

/**
 * One text that a model reads or writes. Sessions of a model do not disturb one
 * another, nor its `Generator`s. Calls are awaited one after another.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { greedy } from "./sampler.ts";
 * import { Session } from "./session.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(42);
 * using session = new Session(model);
 * await session.feed([3, 1, 4]);
 * const before = await session.save();
 * const id = await session.next(greedy());
 * session.restore(before);
 * assertEquals(await session.next(greedy()), id);
 * ```
 */
export class Session implements Disposable {
  /** What reads or writes. */
  readonly model: RWKV;
  /** What turns text into ids, where one was given. */
  readonly tokenizer?: Tokenizer;
  readonly #turns = new EventTurns();
  #place?: Place;
  /** What may follow, on the device. */
  #logits?: Memory;
  #tokens = 0;
  /** The last tokens, at least those that penalties may look back at. */
  #recent: number[] = [];
  #isBusy = false;

  /**
   * Begins a text.
   *
   * @param model Any model.
   * @param tokenizer The one it was trained with, for feeding text.
   * @throws {RangeError} When they differ in the number of tokens.
   */
  constructor(model: RWKV, tokenizer?: Tokenizer) {
    const size = tokenizer?.vocab.size ?? model.config.vocabSize;
    if (size !== model.config.vocabSize) {
      throw new RangeError(
        `Cannot begin a session: the tokenizer has ${size} tokens, the model ${model.config.vocabSize}`,
      );
    }
    this.model = model;
    this.tokenizer = tokenizer;
    this.#place = Place.take(model, 1);
  }

  /** Tokens fed so far. */
  get tokens(): number {
    return this.#tokens;
  }

  /**
   * Feeds what comes next.
   *
   * @param input Ids, or text without any framing: a document begins with
   * `[BOS]`, which `tokenizer.vocab.specialId("[BOS]")` names.
   * @param options What may end it early.
   * @throws {RangeError} When an id is not of the model; nothing is fed then.
   * @throws {TypeError} For text without a tokenizer, and for what is neither.
   */
  async feed(
    input: string | ArrayLike<number>,
    options: FeedOptions = {},
  ): Promise<void> {
    if (typeof input !== "string" && typeof input?.length !== "number") {
      throw new TypeError(
        "Cannot feed the session: give a text, or a list of ids",
      );
    }
    const ids = typeof input === "string" ? this.#encode(input) : input;
    const { vocabSize } = this.model.config;
    for (let i = 0; i < ids.length; i++) {
      if (Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < vocabSize) {
        continue;
      }
      throw new RangeError(
        `Cannot feed token ${ids[i]}: the model has ${vocabSize}`,
      );
    }
    await this.#alone((place) => this.#feed(place, ids, options));
  }

  /** What may follow: a number for each token, unnormalised. */
  async logits(): Promise<Float32Array> {
    return await this.#alone(() => this.#read());
  }

  /**
   * Chooses the next token and feeds it.
   *
   * @param sampler How to choose.
   * @returns The token.
   * @throws {RangeError} When the sampler gives none, or nothing was fed yet.
   */
  async next(sampler: Sampler): Promise<number> {
    return await this.#alone(async (place) => {
      const id = chooseBy(sampler, await this.#read());
      await this.#feed(place, [id]);
      return id;
    });
  }

  /**
   * Goes on with the text, piece by piece, each piece whole characters. The
   * session stands behind what was written then; the token that ended the text,
   * that of its end or the last of a text to stop at, is not fed.
   *
   * @param options How to choose, when to stop.
   * @returns How many tokens were chosen.
   * @throws {RangeError} When a token cannot be chosen, or nothing was fed yet.
   * @throws {TypeError} Without a tokenizer.
   */
  async *write(options: SessionWriteOptions): AsyncGenerator<string, number> {
    const { maxTokens, stop, signal, onChoice, likeliest } = options;
    const { vocabSize } = this.model.config;
    const chooser = new TokenChooser(options, { vocabSize, likeliest });
    chooser.readTokens(this.#recent);
    const choose = (logits: Float32Array): number => {
      if (onChoice === undefined) return chooser.next(logits);
      const choice: Choice = chooser.choose(logits);
      onChoice(choice);
      return choice.id;
    };
    const written = new WrittenText(this.#anyTokenizer("write"), stop);
    while (chooser.position < maxTokens) {
      const text = await this.#alone(async (place) => {
        signal?.throwIfAborted();
        const id = choose(await this.#read());
        const text = written.push(id);
        if (!written.ended) await this.#feed(place, [id]);
        return text;
      });
      if (text !== "") yield text;
      if (written.ended) break;
    }
    const rest = written.flush();
    if (rest !== "") yield rest;
    return chooser.position;
  }

  /** Copies out where the text stands. */
  async save(): Promise<SavedSession> {
    return await this.#alone(async ({ state }) => {
      const logits = this.#logits && await this.#read();
      return {
        tokens: this.#tokens,
        state: await state.save(),
        logits,
        recent: this.#recent.slice(-LONGEST_WINDOW),
      };
    });
  }

  /**
   * Goes to where a session stood.
   *
   * @param saved Of a model of the same weights, on any backend.
   * @throws {RangeError} When it is of another shape; nothing is changed.
   */
  restore({ tokens, state, logits, recent = [] }: SavedSession): void {
    const place = this.#free();
    const { backend, config } = this.model;
    if (logits !== undefined && logits.length !== config.vocabSize) {
      throw new RangeError("Cannot restore a session: it is of another shape");
    }
    place.state.restore(state);
    this.#tokens = tokens;
    this.#recent = [...recent];
    this.#logits = logits && place.logits;
    if (logits !== undefined) backend.write(place.logits, logits);
  }

  /** Another session that stands where this one does, and goes its own way. */
  async fork(): Promise<Session> {
    const saved = await this.save();
    const forked = new Session(this.model, this.tokenizer);
    forked.restore(saved);
    return forked;
  }

  /** Gives its memory to the next session of the model. */
  [Symbol.dispose](): void {
    // What is under way still writes there; its end gives the memory back.
    if (!this.#isBusy) this.#place?.[Symbol.dispose]();
    this.#place = undefined;
  }

  #encode(text: string): Uint16Array {
    return this.#anyTokenizer("feed").encode(text);
  }

  #anyTokenizer(action: "feed" | "write"): Tokenizer {
    if (this.tokenizer !== undefined) return this.tokenizer;
    throw new TypeError(`Cannot ${action} text: the session has no tokenizer`);
  }

  async #feed(
    place: Place,
    ids: ArrayLike<number>,
    { signal }: FeedOptions = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    if (ids.length > 0) this.#logits = undefined;
    let left = ids.length;
    const first = this.#tokens;
    for (const hidden of place.feed(ids)) {
      const [, length] = hidden.shape;
      left -= length;
      for (let i = 0; i < length; i++) {
        this.#recent.push(ids[this.#tokens - first + i]);
      }
      this.#tokens += length;
      if (this.#recent.length > 2 * LONGEST_WINDOW) {
        this.#recent = this.#recent.slice(-LONGEST_WINDOW);
      }
      await this.#turns.next();
      // Only where it ends is it worth the product with the head.
      if (left > 0 && !signal?.aborted) continue;
      this.#logits = place.logitsOf(hidden);
      if (left > 0) signal?.throwIfAborted();
    }
  }

  async #read(): Promise<Float32Array> {
    if (this.#logits === undefined) {
      throw new RangeError("Cannot say what follows: nothing was fed yet");
    }
    return await this.model.backend.read(this.#logits);
  }

  /** Does work during which no other call may come. */
  async #alone<T>(work: (place: Place) => Promise<T>): Promise<T> {
    const place = this.#free();
    this.#isBusy = true;
    try {
      return await work(place);
    } finally {
      this.#isBusy = false;
      if (this.#place === undefined) place[Symbol.dispose]();
    }
  }

  #free(): Place {
    if (this.#place === undefined) {
      throw new Error("Cannot use the session: it was disposed of");
    }
    if (this.#isBusy) {
      throw new Error(
        "Cannot use the session: await the call before, or fork it",
      );
    }
    return this.#place;
  }
}
