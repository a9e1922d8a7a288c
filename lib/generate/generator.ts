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
import { EventTurns } from "../turns.ts";
import type { RWKV } from "../model/rwkv.ts";
import {
  assertKind,
  assertOptions,
  type OptionKinds,
  SEED,
} from "../option_kinds.ts";
import { hashKey } from "../random.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import {
  type Choice,
  CHOOSING_KINDS,
  type ChoosingSettings,
} from "./choosing.ts";
import { Place } from "./place.ts";
import type { FeedOptions } from "./session.ts";
import {
  assertToken,
  type Candidate,
  chooseBy,
  type Sampler,
  topTokens,
} from "./sampler.ts";
import { Session } from "./session.ts";
import {
  type ReadPrompt,
  type TextStart,
  type TextToWrite,
  type TextWritten,
  type WriteAllOptions,
  writeGroup,
} from "./text_group.ts";
import { checkChoosing, isForDevice, TokenChooser } from "./token_chooser.ts";
import { WrittenText } from "./written_text.ts";

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
  /** Texts at which it ends; they are not part of it. */
  readonly stop?: readonly string[];
  /** Ends the work; what waits for it is given the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What options are. */
const TEXT_KINDS: OptionKinds<TextOptions> = {
  maxTokens: "number",
  stop: "texts?",
  signal: "signal?",
};
const SETTINGS_KINDS: OptionKinds<
  TextOptions & Omit<ChoosingSettings, "seed">
> = {
  ...TEXT_KINDS,
  ...CHOOSING_KINDS,
  temperature: "number",
};
/** Settings of one text do as well: the seed is then not its own. */
const TEXTS_KINDS: OptionKinds<
  Omit<GenerateTextsOptions, "seeds"> & Pick<ChoosingSettings, "seed">
> = {
  ...SETTINGS_KINDS,
  seed: SEED,
  onTokens: "function?",
};
const SAMPLER_KINDS: OptionKinds<SamplerOptions> = {
  ...TEXT_KINDS,
  sampler: "function",
};
const GENERATE_KINDS: OptionKinds<GenerateOptions> = {
  ...SETTINGS_KINDS,
  seed: { ...SEED, isRequired: true },
  ahead: "number?",
  onChoice: "function?",
  likeliest: "number?",
};

/** How a text is made. */
export interface GenerateOptions extends TextOptions, ChoosingSettings {
  /**
   * Tokens made before any is looked at, at most 32; by default what takes about
   * 40 ms. Those after the end of the text are made in vain. Only a device makes
   * tokens ahead, and it knows no more than temperature, top-k and top-p.
   */
  readonly ahead?: number;
  /** Told of every token, the one that ends the text too, once it is chosen. */
  readonly onChoice?: (choice: Choice) => void;
  /** How many of the likeliest tokens `onChoice` is told of; none unless given. */
  readonly likeliest?: number;
}

/** How a text is made whose tokens the caller chooses. */
export interface SamplerOptions extends TextOptions {
  /** Chooses each token; asked once a token, in order. */
  readonly sampler: Sampler;
}

/** How several texts are made. */
export interface GenerateTextsOptions
  extends TextOptions, Omit<ChoosingSettings, "seed"> {
  /** One for each text; see {@linkcode GenerateOptions.seed}. */
  readonly seeds: readonly number[];
  /** Told how many tokens have been chosen for all texts together. */
  readonly onTokens?: (made: number) => void;
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
    assertKind("generate", "prompt", prompt, "text");
    assertOptions<object>(
      "generate",
      options,
      options instanceof Object && "sampler" in options
        ? SAMPLER_KINDS
        : GENERATE_KINDS,
    );
    assertCount("maxTokens", options.maxTokens, 0);
    if ("ahead" in options && options.ahead !== undefined) {
      assertCount("ahead", options.ahead, 1);
    }
    const written = new WrittenText(this.#tokenizer, options.stop);
    const made = this.#made = { tokens: 0 };
    using place = Place.take(this.#model, 1);
    for await (const id of this.#tokens(place, prompt, options)) {
      made.tokens++;
      const text = written.push(id);
      if (text !== "") yield text;
      if (written.ended) break;
    }
    const rest = written.flush();
    if (rest !== "") yield rest;
  }

  /** The tokens that follow a prompt, whatever they are. */
  #tokens(
    place: Place,
    prompt: string,
    options: GenerateOptions | SamplerOptions,
  ): AsyncGenerator<number, void> {
    const ids = this.#idsOf(prompt);
    if ("sampler" in options) return this.#ask(place, ids, options);
    const { onChoice, likeliest } = options;
    if (onChoice === undefined && isForDevice(options)) {
      return this.#choose(place, ids, options);
    }
    const { vocabSize } = this.#model.config;
    const chooser = new TokenChooser(options, { vocabSize, likeliest });
    chooser.readTokens(ids);
    const sampler = (logits: Float32Array) => {
      if (onChoice === undefined) return chooser.next(logits);
      const choice = chooser.choose(logits);
      onChoice(choice);
      return choice.id;
    };
    return this.#ask(place, ids, { ...options, sampler });
  }

  /** Tokens that the device chooses. */
  async *#choose(
    place: Place,
    prompt: readonly number[],
    { maxTokens, seed, ahead, signal, temperature, topK, topP }:
      GenerateOptions,
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
        const how = { ...shape, temperature, topK, topP };
        backend.sample(ids, logits, place.keys, how);
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

  /** Tokens that a sampler chooses here. */
  async *#ask(
    place: Place,
    prompt: readonly number[],
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
    given: GenerateTextsOptions,
  ): Promise<string[]> {
    assertKind("generate", "prompt", prompt, "text");
    assertOptions<object>("generate", given, {
      ...TEXTS_KINDS,
      seeds: "numbers",
    });
    const { seeds, ...options } = given;
    const wanted = seeds.map((seed) => ({ prompt, seed }));
    const written = await Array.fromAsync(this.writeAll(wanted, options));
    return written.map(({ text }) => text);
  }

  /**
   * Writes many texts, up to four at once, in the order in which they are asked
   * for. Prompts that are equal and follow one another are read once.
   *
   * @param wanted The prompts, each with its seed; read as they are needed.
   * @param options How to choose, when to stop.
   * @returns Each text as {@linkcode Generator.generateTexts} makes it.
   */
  async *writeAll(
    wanted: Iterable<TextToWrite> | AsyncIterable<TextToWrite>,
    options: WriteAllOptions,
  ): AsyncGenerator<TextWritten, void> {
    const { vocabSize } = this.#model.config;
    assertOptions<object>("generate", options, {
      ...TEXTS_KINDS,
      from: "object?",
      likeliest: "number?",
    });
    checkChoosing({ ...options, seed: 0 }, vocabSize);
    assertCount("maxTokens", options.maxTokens, 0);
    const made = this.#made = { tokens: 0 };
    let last: ReadPrompt | undefined;
    let group: TextStart[] = [];
    const tokenizer = this.#tokenizer;
    const how = { ...options, tokenizer, made };
    for await (const { prompt, seed } of wanted) {
      if (last?.prompt !== prompt) {
        last = await this.#read(prompt, options);
      }
      group.push({ from: last, seed });
      if (group.length < TOGETHER) continue;
      yield* await writeGroup(this.#model, group, how);
      group = [];
    }
    if (group.length > 0) yield* await writeGroup(this.#model, group, how);
  }

  /** Reads a prompt. */
  async #read(
    prompt: string,
    { from, signal }: WriteAllOptions,
  ): Promise<ReadPrompt> {
    using session = new Session(this.#model, this.#tokenizer);
    if (from !== undefined) session.restore(from);
    const ids = from === undefined ? this.#idsOf(prompt) : prompt;
    await session.feed(ids, { signal });
    const { state, recent = [] } = await session.save();
    return { prompt, recent, logits: await session.logits(), state };
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
    const logits = await this.#begin(place, this.#idsOf(prompt), signal);
    return topTokens(await this.#model.backend.read(logits), count);
  }

  #idsOf(prompt: string): readonly number[] {
    return [this.#start, ...this.#tokenizer.encode(prompt)];
  }

  /** Feeds a prompt to a new place: what may follow. */
  async #begin(
    place: Place,
    prompt: readonly number[],
    signal?: AbortSignal,
  ): Promise<Memory> {
    let last;
    for (const hidden of place.feed(prompt)) {
      last = hidden;
      await this.#turns.next();
      signal?.throwIfAborted();
    }
    return place.logitsOf(last!);
  }
}

/** Counts decide when a text ends, so that no other number may be one. */
function assertCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new RangeError(
    `Cannot generate: ${name} must be a whole number from ${least} on, not ${count}`,
  );
}
