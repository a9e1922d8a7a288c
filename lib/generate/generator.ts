/**
 * From a prompt to text: feeds tokens through the recurrent model and samples.
 *
 * A token is chosen where the model is, and fed to it from there, so that the
 * device need not be waited for: some tokens are made ahead and then read all
 * at once. Which token is chosen depends on the seed and its position alone, so
 * the text is the same however many that are. A sampler of the caller's own is
 * asked here instead, a token at a time.
 *
 * Every text has a place of its own, so any number may be written at once.
 *
 * @module
 */

import type { Memory } from "../backend/backend.ts";
import { checkSampling } from "../backend/sampling.ts";
import { EventTurns } from "../turns.ts";
import type { RWKV } from "../model/rwkv.ts";
import { assertOptions } from "../option_kinds.ts";
import { hashKey } from "../random.ts";
import { StreamDecoder } from "../tokenizer/stream_decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { Place } from "./place.ts";
import type { FeedOptions } from "./session.ts";
import {
  assertToken,
  type Candidate,
  chooseBy,
  type Sampler,
  type SamplingOptions,
  topTokens,
} from "./sampler.ts";

/** Tokens are made ahead for at most so many ms: text shall flow. */
const AHEAD_MS = 40;

/** Most tokens made ahead. */
const MOST_AHEAD = 32;

/**
 * Texts written at once: rows that the cpu backend multiplies as it does one, so
 * that a text is the same alone.
 */
const TOGETHER = 4;

/** When a text ends. */
export interface TextOptions {
  /** Stops after this many tokens, if the text has not ended before. */
  readonly maxTokens: number;
  /** Ends the work; what waits for it is given the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How a text is made. */
export interface GenerateOptions extends TextOptions, SamplingOptions {
  /** Equal seeds give equal texts. */
  readonly seed: number;
  /**
   * Tokens made before any is looked at, at most 32; by default what takes about
   * 40 ms. Those after the end of the text are made in vain.
   */
  readonly ahead?: number;
}

/** How a text is made whose tokens the caller chooses. */
export interface SamplerOptions extends TextOptions {
  /** Chooses each token; asked once a token, in order. */
  readonly sampler: Sampler;
}

/** How several texts are made. */
export interface GenerateTextsOptions extends TextOptions, SamplingOptions {
  /** One for each text; see {@linkcode GenerateOptions.seed}. */
  readonly seeds: readonly number[];
  /** Told how many tokens have been chosen for all texts together. */
  readonly onTokens?: (made: number) => void;
}

/** One of several texts while it is written. */
interface Writer {
  readonly decoder: StreamDecoder;
  text: string;
  ended: boolean;
}

/**
 * Writes text with a model; several texts at once where several are asked for.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { BPETokenizer } from "../tokenizer/bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { Generator } from "./generator.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("bom dia, boa tarde\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const config = new RWKVConfig({ vocabSize: vocab.size, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * model.initialize(1);
 * const generator = new Generator(model, new BPETokenizer(vocab));
 * const write = () =>
 *   Array.fromAsync(
 *     generator.generate("bom", { maxTokens: 5, temperature: 1, seed: 7 }),
 *   );
 * const [one, another] = await Promise.all([write(), write()]);
 * assertEquals(one, another);
 * ```
 */
export class Generator {
  readonly #model: RWKV;
  readonly #tokenizer: Tokenizer;
  readonly #start: number;
  readonly #end: number;
  /** Of the call begun last. */
  #made = { tokens: 0 };
  readonly #turns = new EventTurns();

  /**
   * Makes a generator; memory is reserved when texts are written.
   *
   * @param model Any model.
   * @param tokenizer The one it was trained with.
   * @throws {RangeError} When they differ in the number of tokens.
   */
  constructor(model: RWKV, tokenizer: Tokenizer) {
    const { size } = tokenizer.vocab;
    if (size !== model.config.vocabSize) {
      throw new RangeError(
        `Cannot generate: the tokenizer has ${size} tokens, the model ${model.config.vocabSize}`,
      );
    }
    this.#model = model;
    this.#tokenizer = tokenizer;
    this.#start = tokenizer.vocab.specialId("[BOS]");
    this.#end = tokenizer.vocab.specialId("[EOS]");
  }

  /** Tokens chosen for the text, or the texts together, begun last. */
  get tokensMade(): number {
    return this.#made.tokens;
  }

  /**
   * Continues a prompt, piece by piece, each piece whole characters. May be
   * called again before it has ended: texts do not disturb one another.
   *
   * @param prompt The start of the text; may be empty.
   * @param options How to choose, when to stop.
   * @throws {RangeError} When a token cannot be chosen, or a count is none.
   * @throws {TypeError} When an option is missing, or of another kind.
   */
  async *generate(
    prompt: string,
    options: GenerateOptions | SamplerOptions,
  ): AsyncGenerator<string, void> {
    assertOptions("generate", { ...options, prompt }, {
      prompt: "text",
      maxTokens: "number",
      signal: "signal?",
      ...("sampler" in options
        ? { sampler: "function" }
        : { seed: "number", temperature: "number", topK: "number?" }),
    });
    assertCount("maxTokens", options.maxTokens, 0);
    if ("ahead" in options && options.ahead !== undefined) {
      assertCount("ahead", options.ahead, 1);
    }
    const decoder = new StreamDecoder(this.#tokenizer);
    const made = this.#made = { tokens: 0 };
    using place = Place.take(this.#model, 1);
    const chosen = "sampler" in options
      ? this.#ask(place, prompt, options)
      : this.#choose(place, prompt, options);
    for await (const id of chosen) {
      made.tokens++;
      if (id === this.#end || id === this.#start) break;
      const text = decoder.push(id);
      if (text !== "") yield text;
    }
    const rest = decoder.flush();
    if (rest !== "") yield rest;
  }

  /** The tokens that follow a prompt, whatever they are. */
  async *#choose(
    place: Place,
    prompt: string,
    { maxTokens, seed, ahead, signal, ...sampling }: GenerateOptions,
  ): AsyncGenerator<number, void> {
    const { backend, config: { vocabSize: width } } = this.#model;
    backend.writeIndices(place.keys, [hashKey(seed)]);
    let logits = await this.#begin(place, prompt, signal);
    let count = ahead ?? 1;
    for (let position = 0; position < maxTokens;) {
      signal?.throwIfAborted();
      const start = performance.now();
      count = Math.min(count, MOST_AHEAD, maxTokens - position);
      const chosen = place.chosen(count);
      for (const ids of chosen) {
        const shape = { rows: 1, width, position: position++ };
        backend.sample(ids, logits, place.keys, { ...shape, ...sampling });
        if (position === maxTokens) break;
        logits = place.logitsOf(place.advance(ids));
      }
      const made = await backend.readIndices(chosen);
      const each = (performance.now() - start) / count;
      for (const [id] of made) yield assertToken(id, width);
      const fitting = Math.floor(AHEAD_MS / each);
      count = ahead ?? Math.max(1, Math.min(2 * count, fitting));
      await this.#turns.next();
    }
  }

  /** As `#choose`, each token by the caller's sampler. */
  async *#ask(
    place: Place,
    prompt: string,
    { maxTokens, sampler, signal }: SamplerOptions,
  ): AsyncGenerator<number, void> {
    let logits = await this.#begin(place, prompt, signal);
    for (let made = 0; made < maxTokens; made++) {
      signal?.throwIfAborted();
      const id = chooseBy(sampler, await this.#model.backend.read(logits));
      yield id;
      if (made + 1 === maxTokens) break; // what follows is not asked for
      for (const hidden of place.feed([id])) logits = place.logitsOf(hidden);
      await this.#turns.next();
    }
  }

  /**
   * Continues a prompt several times. The prompt is read once, and the weights
   * once for up to four texts, so that each takes less time than alone.
   *
   * @param prompt The start of all texts; may be empty.
   * @param options How to choose, when to stop.
   * @returns A text for each seed: that of {@linkcode Generator.generate}, as
   * long as the backend's products of several rows have the bits of one, as the
   * cpu's have.
   */
  async generateTexts(
    prompt: string,
    { seeds, maxTokens, signal, onTokens, ...sampling }: GenerateTextsOptions,
  ): Promise<string[]> {
    const { backend, config: { vocabSize } } = this.#model;
    assertOptions("generate", { ...sampling, prompt, seeds, onTokens }, {
      prompt: "text",
      seeds: "numbers",
      temperature: "number",
      onTokens: "function?",
    });
    checkSampling(sampling, vocabSize);
    assertCount("maxTokens", maxTokens, 0);
    const made = this.#made = { tokens: 0 };
    using alone = Place.take(this.#model, 1);
    const first = await backend.read(await this.#begin(alone, prompt, signal));
    const saved = await alone.state.save();
    const texts: string[] = [];
    for (let at = 0; at < seeds.length; at += TOGETHER) {
      const own = seeds.slice(at, at + TOGETHER), rows = own.length;
      using place = Place.take(this.#model, rows);
      backend.writeIndices(place.keys, own.map((seed) => hashKey(seed)));
      place.state.restore(saved.map(({ timeShift, wkv, channelShift }) => ({
        timeShift: repeated(timeShift, rows),
        wkv: repeated(wkv, rows),
        channelShift: repeated(channelShift, rows),
      })));
      backend.write(place.logits, repeated(first, rows));
      const writers = own.map((): Writer => ({
        decoder: new StreamDecoder(this.#tokenizer),
        text: "",
        ended: false,
      }));
      await this.#write(place, writers, made, {
        maxTokens,
        signal,
        onTokens,
        sampling,
      });
      for (const { text, decoder } of writers) {
        texts.push(text + decoder.flush());
      }
    }
    return texts;
  }

  /** Writes texts in one place, whose logits say what may come first. */
  async #write(
    place: Place,
    writers: readonly Writer[],
    made: { tokens: number },
    { maxTokens, signal, onTokens, sampling }:
      & TextOptions
      & Pick<GenerateTextsOptions, "onTokens">
      & { readonly sampling: SamplingOptions },
  ): Promise<void> {
    const { backend, config: { vocabSize: width } } = this.#model;
    const rows = writers.length, [ids] = place.chosen(1);
    let { logits } = place;
    for (let position = 0; position < maxTokens; position++) {
      signal?.throwIfAborted();
      const shape = { rows, width, position };
      backend.sample(ids, logits, place.keys, { ...shape, ...sampling });
      const [chosen] = await backend.readIndices([ids]);
      for (const [row, writer] of writers.entries()) {
        const id = assertToken(chosen[row], width);
        if (!writer.ended) made.tokens++;
        this.#append(writer, id);
      }
      onTokens?.(made.tokens);
      const more = writers.some(({ ended }) => !ended);
      if (!more || position + 1 === maxTokens) break;
      logits = place.logitsOf(place.advance(ids));
      await this.#turns.next();
    }
  }

  /** The next token of a text, unless that has ended. */
  #append(writer: Writer, id: number): void {
    writer.ended ||= id === this.#end || id === this.#start;
    if (!writer.ended) writer.text += writer.decoder.push(id);
  }

  /**
   * The likeliest tokens to follow a prompt.
   *
   * @param prompt The start of a text.
   * @param count How many tokens.
   * @param options What may end it early.
   */
  async nextTokens(
    prompt: string,
    count: number,
    { signal }: FeedOptions = {},
  ): Promise<Candidate[]> {
    using place = Place.take(this.#model, 1);
    const logits = await this.#begin(place, prompt, signal);
    return topTokens(await this.#model.backend.read(logits), count);
  }

  /** Feeds a prompt to a new place: what may follow. */
  async #begin(
    place: Place,
    prompt: string,
    signal?: AbortSignal,
  ): Promise<Memory> {
    const ids = [this.#start, ...this.#tokenizer.encode(prompt)];
    let last;
    for (const hidden of place.feed(ids)) {
      last = hidden;
      await this.#turns.next();
      signal?.throwIfAborted();
    }
    return place.logitsOf(last!);
  }
}

/** The same values so many times, one after the other. */
function repeated(values: Float32Array, count: number): Float32Array {
  const all = new Float32Array(count * values.length);
  for (let i = 0; i < count; i++) all.set(values, i * values.length);
  return all;
}

/** Counts decide when a text ends, so that no other number may be one. */
function assertCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new RangeError(
    `Cannot generate: ${name} must be a whole number from ${least} on, not ${count}`,
  );
}
