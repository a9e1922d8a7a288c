/**
 * From a prompt to text: feeds tokens through the recurrent model and samples.
 *
 * A token is chosen where the model is, and fed to it from there, so that the
 * device need not be waited for: some tokens are made ahead and then read all
 * at once. Which token is chosen depends on the seed and its position alone, so
 * the text is the same however many that are.
 *
 * @module
 */

import type { Indices, Memory } from "../backend/backend.ts";
import { checkSampling } from "../backend/sampling.ts";
import { EventTurns } from "../turns.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";
import { hashKey } from "../random.ts";
import { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { StreamDecoder } from "../tokenizer/stream_decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import {
  type Candidate,
  NO_TOKEN,
  type SamplingOptions,
  topTokens,
} from "./sampler.ts";

/** Most prompt tokens fed at a time; bounds the memory of a long prompt. */
const PREFILL = 256;

/** Tokens are made ahead for at most so many ms: text shall flow. */
const AHEAD_MS = 40;

/** Most tokens made ahead. */
const MOST_AHEAD = 32;

/**
 * Texts written at once: rows that the cpu backend multiplies as it does one, so
 * that a text is the same alone.
 */
const TOGETHER = 4;

/** How a text is made. */
export interface GenerateOptions extends SamplingOptions {
  /** Stops after this many tokens, if the text has not ended before. */
  readonly maxTokens: number;
  /** Equal seeds give equal texts. */
  readonly seed: number;
  /**
   * Tokens made before any is looked at, at most 32; by default what takes about
   * 40 ms. Those after the end of the text are made in vain.
   */
  readonly ahead?: number;
}

/** What several texts are written in, a row each. */
interface Places {
  readonly state: RWKVState;
  readonly ids: Indices;
  readonly keys: Indices;
  /** (rows, vocabulary): what may come first in each text. */
  readonly logits: Memory;
}

/** How several texts are made. */
export interface GenerateTextsOptions extends SamplingOptions {
  /** Stops each text after this many tokens, if it has not ended before. */
  readonly maxTokens: number;
  /** One for each text; see {@linkcode GenerateOptions.seed}. */
  readonly seeds: readonly number[];
}

/** One of several texts while it is written. */
interface Writer {
  readonly decoder: StreamDecoder;
  text: string;
  ended: boolean;
}

/**
 * Writes text with a model.
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
 * assertEquals(await write(), await write());
 * ```
 */
export class Generator {
  readonly #model: RWKV;
  readonly #tokenizer: Tokenizer;
  readonly #tape: Tape;
  readonly #state: RWKVState;
  /** What several texts are written in, by their number. */
  readonly #together = new Map<number, Places>();
  readonly #ids: Indices;
  /** What chooses a text's random numbers. */
  readonly #key: Indices;
  /** The tokens made ahead, each in a place of its own. */
  readonly #chosen: readonly Indices[];
  readonly #start: number;
  readonly #end: number;
  #tokensMade = 0;
  readonly #turns = new EventTurns();

  /**
   * Reserves a state.
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
    this.#tape = new Tape(model.backend, { recording: false });
    this.#state = model.newState(1);
    this.#ids = model.backend.allocIndices(PREFILL);
    this.#key = model.backend.allocIndices(1);
    this.#chosen = Array.from(
      { length: MOST_AHEAD },
      () => model.backend.allocIndices(1),
    );
    this.#start = tokenizer.vocab.specialId("[BOS]");
    this.#end = tokenizer.vocab.specialId("[EOS]");
  }

  /** Tokens chosen for the latest text, or the latest texts together. */
  get tokensMade(): number {
    return this.#tokensMade;
  }

  /**
   * Continues a prompt, piece by piece, each piece whole characters.
   *
   * @param prompt The start of the text; may be empty.
   * @param options How to choose, when to stop.
   */
  async *generate(
    prompt: string,
    options: GenerateOptions,
  ): AsyncGenerator<string, void> {
    const decoder = new StreamDecoder(this.#tokenizer);
    this.#tokensMade = 0;
    for await (const id of this.#choose(prompt, options)) {
      this.#tokensMade++;
      if (id === this.#end || id === this.#start) break;
      const text = decoder.push(id);
      if (text !== "") yield text;
    }
    const rest = decoder.flush();
    if (rest !== "") yield rest;
  }

  /** The tokens that follow a prompt, whatever they are. */
  async *#choose(
    prompt: string,
    { maxTokens, seed, ahead, ...sampling }: GenerateOptions,
  ): AsyncGenerator<number, void> {
    const { backend, config: { vocabSize: width } } = this.#model;
    backend.writeIndices(this.#key, [hashKey(seed)]);
    let logits = this.#begin(prompt);
    let count = ahead ?? 1;
    for (let position = 0; position < maxTokens;) {
      const start = performance.now();
      count = Math.min(count, MOST_AHEAD, maxTokens - position);
      const chosen = this.#chosen.slice(0, count);
      for (const ids of chosen) {
        const shape = { rows: 1, width, position: position++ };
        backend.sample(ids, logits.data, this.#key, { ...shape, ...sampling });
        if (position === maxTokens) break;
        logits = this.#model.logits(this.#tape, this.#advance(ids, 1));
      }
      const made = await backend.readIndices(chosen);
      const each = (performance.now() - start) / count;
      for (const [id] of made) yield assertToken(id);
      const fitting = Math.floor(AHEAD_MS / each);
      count = ahead ?? Math.max(1, Math.min(2 * count, fitting));
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
    { seeds, maxTokens, ...sampling }: GenerateTextsOptions,
  ): Promise<string[]> {
    const { backend, config: { vocabSize: width } } = this.#model;
    checkSampling(sampling, width);
    this.#tokensMade = 0;
    const first = await backend.read(this.#begin(prompt).data);
    const saved = await this.#state.save();
    const texts: string[] = [];
    for (let at = 0; at < seeds.length; at += TOGETHER) {
      const own = seeds.slice(at, at + TOGETHER), rows = own.length;
      const writers = own.map((): Writer => ({
        decoder: new StreamDecoder(this.#tokenizer),
        text: "",
        ended: false,
      }));
      const { state, ids, keys, ...places } = this.#placesOf(rows);
      backend.writeIndices(keys, own.map((seed) => hashKey(seed)));
      state.restore(saved.map(({ timeShift, wkv, channelShift }) => ({
        timeShift: repeated(timeShift, rows),
        wkv: repeated(wkv, rows),
        channelShift: repeated(channelShift, rows),
      })));
      let { logits } = places;
      backend.write(logits, repeated(first, rows));
      for (let position = 0; position < maxTokens; position++) {
        const shape = { rows, width, position };
        backend.sample(ids, logits, keys, { ...shape, ...sampling });
        const [chosen] = await backend.readIndices([ids]);
        for (const [row, writer] of writers.entries()) {
          this.#append(writer, assertToken(chosen[row]));
        }
        const more = writers.some(({ ended }) => !ended);
        if (!more || position + 1 === maxTokens) break;
        const hidden = this.#advance(ids, 1, state);
        logits = this.#model.logits(this.#tape, hidden).data;
        await this.#turns.next();
      }
      for (const { text, decoder } of writers) {
        texts.push(text + decoder.flush());
      }
    }
    return texts;
  }

  /** The next token of a text, unless that has ended. */
  #append(writer: Writer, id: number): void {
    if (writer.ended) return;
    this.#tokensMade++;
    writer.ended = id === this.#end || id === this.#start;
    if (!writer.ended) writer.text += writer.decoder.push(id);
  }

  #placesOf(count: number): Places {
    let places = this.#together.get(count);
    if (places === undefined) {
      const { backend, config: { vocabSize } } = this.#model;
      places = {
        state: this.#model.newState(count),
        ids: backend.allocIndices(count),
        keys: backend.allocIndices(count),
        logits: backend.alloc(count * vocabSize),
      };
      this.#together.set(count, places);
    }
    return places;
  }

  /**
   * The likeliest tokens to follow a prompt.
   *
   * @param prompt The start of a text.
   * @param count How many tokens.
   */
  async nextTokens(prompt: string, count: number): Promise<Candidate[]> {
    const logits = this.#begin(prompt);
    return topTokens(await this.#model.backend.read(logits.data), count);
  }

  /** Forgets what was before and feeds a new prompt: what may follow. */
  #begin(prompt: string): Tensor {
    this.#state.reset();
    const ids = [this.#start, ...this.#tokenizer.encode(prompt)];
    let hidden: Tensor;
    let at = 0;
    do {
      const part = ids.slice(at, at + pieceOf(ids.length - at));
      at += part.length;
      this.#model.backend.writeIndices(this.#ids, part);
      hidden = this.#advance(this.#ids, part.length);
    } while (at < ids.length);
    return this.#model.logits(this.#tape, hidden);
  }

  /** Advances a state over some tokens; what is made is good until the next. */
  #advance(ids: Indices, time: number, state = this.#state): Tensor {
    this.#tape.reset();
    const shape = { batch: state.batch, time, state };
    return this.#model.forward(this.#tape, ids, shape);
  }
}

function assertToken(id: number): number {
  if (id !== NO_TOKEN) return id;
  throw new RangeError(
    "Cannot choose a token: the model's logits are not numbers",
  );
}

/** The same values so many times, one after the other. */
function repeated(values: Float32Array, count: number): Float32Array {
  const all = new Float32Array(count * values.length);
  for (let i = 0; i < count; i++) all.set(values, i * values.length);
  return all;
}

/** The largest power of two that fits: few shapes, so little memory is kept. */
function pieceOf(left: number): number {
  return Math.min(PREFILL, 2 ** Math.floor(Math.log2(left)));
}
