/**
 * From a prompt to text: feeds tokens through the recurrent model and samples.
 *
 * @module
 */

import type { Indices } from "../backend/backend.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";
import { Random } from "../random.ts";
import { Tape } from "../tensor/tape.ts";
import type { BPETokenizer } from "../tokenizer/bpe_tokenizer.ts";
import { StreamDecoder } from "../tokenizer/stream_decoder.ts";
import {
  type Candidate,
  sample,
  type SamplingOptions,
  topTokens,
} from "./sampler.ts";

/** Most prompt tokens fed at a time; bounds the memory of a long prompt. */
const PREFILL = 256;

/** How a text is made. */
export interface GenerateOptions extends SamplingOptions {
  /** Stops after this many tokens, if the text has not ended before. */
  readonly maxTokens: number;
  /** Equal seeds give equal texts. */
  readonly seed: number;
}

/**
 * Writes text with a model.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference.ts";
 * import { RWKVConfig } from "../config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { BPETokenizer } from "../tokenizer/bpe_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe_trainer.ts";
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
  readonly #tokenizer: BPETokenizer;
  readonly #tape: Tape;
  readonly #state: RWKVState;
  readonly #ids: Indices;
  readonly #start: number;
  readonly #end: number;
  #tokensMade = 0;

  /**
   * Reserves a state.
   *
   * @param model Any model.
   * @param tokenizer The one it was trained with.
   * @throws {RangeError} When they differ in the number of tokens.
   */
  constructor(model: RWKV, tokenizer: BPETokenizer) {
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
    this.#start = tokenizer.vocab.specialId("[BOS]");
    this.#end = tokenizer.vocab.specialId("[EOS]");
  }

  /** Tokens chosen by the latest call of {@linkcode Generator.generate}. */
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
    { maxTokens, seed, ...sampling }: GenerateOptions,
  ): AsyncGenerator<string, void> {
    const random = new Random(seed);
    const decoder = new StreamDecoder(this.#tokenizer);
    this.#tokensMade = 0;
    let logits = await this.#begin(prompt);
    for (let n = 0; n < maxTokens; n++) {
      const id = sample(logits, sampling, random.uniform());
      this.#tokensMade++;
      if (id === this.#end || id === this.#start) break;
      const text = decoder.push(id);
      if (text !== "") yield text;
      if (n + 1 < maxTokens) logits = await this.#feed([id]);
    }
    const rest = decoder.flush();
    if (rest !== "") yield rest;
  }

  /**
   * The likeliest tokens to follow a prompt.
   *
   * @param prompt The start of a text.
   * @param count How many tokens.
   */
  async nextTokens(prompt: string, count: number): Promise<Candidate[]> {
    return topTokens(await this.#begin(prompt), count);
  }

  /** Forgets what was before and feeds a new prompt. */
  #begin(prompt: string): Promise<Float32Array> {
    this.#state.reset();
    return this.#feed([this.#start, ...this.#tokenizer.encode(prompt)]);
  }

  /** Advances the state over some tokens; the logits of what follows. */
  async #feed(ids: readonly number[]): Promise<Float32Array> {
    let logits: Float32Array | undefined;
    for (let at = 0; at < ids.length;) {
      const part = ids.slice(at, at + pieceOf(ids.length - at));
      at += part.length;
      this.#model.backend.writeIndices(this.#ids, part);
      const hidden = this.#model.forward(this.#tape, this.#ids, {
        batch: 1,
        time: part.length,
        state: this.#state,
      });
      if (at === ids.length) {
        const last = this.#model.logits(this.#tape, hidden);
        logits = await this.#model.backend.read(last.data);
      }
      this.#tape.reset();
    }
    return logits!;
  }
}

/** The largest power of two that fits: few shapes, so little memory is kept. */
function pieceOf(left: number): number {
  return Math.min(PREFILL, 2 ** Math.floor(Math.log2(left)));
}
