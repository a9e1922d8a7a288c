/**
 * Learns a byte-level BPE vocabulary from text. The counting is in
 * `word_counter.ts`, the merging in `merge_learner.ts`; this file joins them
 * and lays the ids out.
 *
 * @module
 */

import { BPEVocab, SPECIAL_TOKENS } from "./bpe_vocab.ts";
import { BYTE_ORDER, type Learned, learnMerges } from "./merge_learner.ts";
import { PTBRNormalizer } from "../normalizer.ts";
import { MAX_VOCAB_SIZE } from "../tokenizer.ts";
import type { TextChunk } from "../../corpus/documents/text_chunk.ts";
import { countWords, type WordCount } from "../count/word_counter.ts";
import type { PackedWords } from "../count/word_table.ts";
import { assertOptions, instanceOf, wholeFrom } from "../../option_kinds.ts";
import { EventTurns } from "../../turns.ts";

/** How a vocabulary is learned. */
export interface BPETrainerOptions {
  /** Ids in all: 5 special tokens, 256 bytes, the rest merges. At most 65,536. */
  readonly vocabSize?: number;
  /** The lowest count of a pair that becomes a token. */
  readonly minFrequency?: number;
  /** How text is normalised, in training and in use. */
  readonly normalizer?: PTBRNormalizer;
}

/** How a training run works and tells about it. */
export interface BPETrainOptions {
  /** How many Workers count; the result does not depend on it. */
  readonly threads?: number;
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is told how far the work is: bytes counted, or ids made of those wanted. */
  readonly onProgress?: (
    stage: "count" | "merge",
    done: number,
    total?: number,
  ) => void;
}

/** How learning from counted words works and tells about it. */
export interface BPELearnOptions {
  /** Ends the work; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is told the ids made and those wanted. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A vocabulary and figures about the text it was learned from. */
export interface BPETrainingResult {
  /** The vocabulary; smaller than asked where the text has too few pairs. */
  readonly vocab: BPEVocab;
  /** Bytes read. */
  readonly bytes: number;
  /** Runs without white space. */
  readonly spacedWords: number;
  /** Distinct words as the merges see them. */
  readonly distinctWords: number;
  /** The text's length in the new tokens. */
  readonly tokens: number;
}

/** The fewest ids: the special tokens and the bytes. */
export const MIN_VOCAB_SIZE: number = SPECIAL_TOKENS.length + 256;

/**
 * Learns merges. The result depends on the text alone, not on the threads or
 * the order of the files.
 *
 * @example
 * ```ts
 * import { BPETrainer } from "./bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("um dia, outro dia, todo dia\n");
 * const trainer = new BPETrainer({ vocabSize: 264, minFrequency: 2 });
 * const { vocab } = await trainer.train([{ name: "a.txt", bytes }]);
 * assertEquals(vocab.size, 264);
 * assertEquals(new TextDecoder().decode(vocab.tokens[263]), " dia");
 * ```
 */
export class BPETrainer {
  /** How many ids are wanted. */
  readonly vocabSize: number;
  /** The lowest count of a pair that becomes a token. */
  readonly minFrequency: number;
  /** How text is normalised. */
  readonly normalizer: PTBRNormalizer;

  /**
   * Makes a trainer.
   *
   * @throws {TypeError} For an option that is unknown or of another kind.
   * @throws {RangeError} For a size or frequency out of bounds.
   */
  constructor(
    options: BPETrainerOptions = {},
  ) {
    assertOptions<BPETrainerOptions>("train a tokenizer", options, {
      vocabSize: "number?",
      minFrequency: "number?",
      normalizer: instanceOf(PTBRNormalizer, "a PTBRNormalizer"),
    });
    const { vocabSize = 32_000, minFrequency = 2 } = options;
    const { normalizer = new PTBRNormalizer() } = options;
    if (
      !Number.isSafeInteger(vocabSize) || vocabSize < MIN_VOCAB_SIZE ||
      vocabSize > MAX_VOCAB_SIZE
    ) {
      throw new RangeError(
        `Cannot train a tokenizer: its vocabulary must be ${MIN_VOCAB_SIZE} to ${MAX_VOCAB_SIZE} tokens, not ${vocabSize}`,
      );
    }
    if (!Number.isSafeInteger(minFrequency) || minFrequency < 1) {
      throw new RangeError(
        `Cannot train a tokenizer: the minimum frequency must be at least 1, not ${minFrequency}`,
      );
    }
    this.vocabSize = vocabSize;
    this.minFrequency = minFrequency;
    this.normalizer = normalizer;
  }

  /**
   * Counts a corpus's words and learns from them.
   *
   * @param chunks The corpus, cut where lines end; the buffers are given away.
   * @throws {SyntaxError} When the text is not UTF-8.
   * @throws {RangeError} When there is no text, or too many distinct words.
   */
  async train(
    chunks: AsyncIterable<TextChunk> | Iterable<TextChunk>,
    options: BPETrainOptions = {},
  ): Promise<BPETrainingResult> {
    assertOptions<BPETrainOptions>("train a tokenizer", options, {
      threads: wholeFrom(1),
      signal: "signal?",
      onProgress: "function?",
    });
    const { threads, signal, onProgress } = options;
    const count = await countWords(chunks, {
      normalizer: this.normalizer,
      threads,
      signal,
      onProgress: (bytes) => onProgress?.("count", bytes),
    });
    return await this.trainWords(count, {
      signal,
      onProgress: (done, total) => onProgress?.("merge", done, total),
    });
  }

  /**
   * Learns from words counted already.
   *
   * @param count The words and totals.
   * @param options What may end it, and who is told how far it is.
   * @throws {RangeError} When there is no word.
   */
  async trainWords(
    { words, spacedWords, bytes }: WordCount,
    options: BPELearnOptions = {},
  ): Promise<BPETrainingResult> {
    // Blanks alone are words too, of which nothing can be learnt.
    if (words.ends.length === 0 || spacedWords === 0) {
      throw new RangeError("Cannot train a tokenizer: there is no text");
    }
    const first = SPECIAL_TOKENS.length;
    const total = this.vocabSize - MIN_VOCAB_SIZE;
    const { merges, tokens, length } = await this.#learn(words, total, options);
    // The file has the bytes in their own order, ties are broken in another.
    const idOf = (id: number) => first + (id < 256 ? BYTE_ORDER[id] : id);
    const vocab = new BPEVocab({
      tokens: [
        ...SPECIAL_TOKENS.map((name) => new TextEncoder().encode(name)),
        ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
        ...tokens,
      ],
      merges: merges.map(([left, right]) => [idOf(left), idOf(right)]),
      specialTokens: new Map(SPECIAL_TOKENS.map((name, id) => [name, id])),
      preTokenizer: "gpt2",
      normalizer: this.normalizer.settings,
    });
    return {
      vocab,
      bytes,
      spacedWords,
      distinctWords: words.ends.length,
      tokens: length,
    };
  }

  /** Learns merges, letting events in. */
  async #learn(
    words: PackedWords,
    total: number,
    { signal, onProgress }: BPELearnOptions,
  ): Promise<Learned> {
    const turns = new EventTurns();
    const steps = learnMerges(words, {
      tokens: total,
      minFrequency: this.minFrequency,
    });
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      onProgress?.(value, total);
      await turns.next();
      signal?.throwIfAborted();
    }
  }
}
