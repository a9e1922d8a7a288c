/**
 * Decodes ids one at a time, as a model makes them, without ever showing half
 * a character.
 *
 * @module
 */

import { BLANK_MARK } from "./pre_tokenizer.ts";
import type { DecodeOptions, Tokenizer } from "./tokenizer.ts";

/**
 * A decoder that holds bytes back until they are whole characters. What it
 * gives out, joined, is what {@linkcode Tokenizer.decode} gives.
 *
 * @example
 * ```ts
 * import { StreamDecoder } from "./stream_decoder.ts";
 * import { BPETokenizer } from "./bpe/bpe_tokenizer.ts";
 * import { BPETrainer } from "./bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("x\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = new BPETokenizer(vocab);
 * const decoder = new StreamDecoder(tokenizer);
 * const [first, second] = tokenizer.encode("é");
 * assertEquals(decoder.push(first), "");
 * assertEquals(decoder.push(second), "é");
 * assertEquals(decoder.flush(), "");
 * ```
 */
export class StreamDecoder {
  readonly #tokenizer: Tokenizer;
  readonly #options: DecodeOptions;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /**
   * Starts a text.
   *
   * @param tokenizer Whose ids they are.
   * @param options Whether special tokens are shown.
   */
  constructor(tokenizer: Tokenizer, options: DecodeOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#options = options;
  }

  /**
   * Takes an id.
   *
   * @param id The next id.
   * @returns The characters it completes, often none.
   * @throws {RangeError} When the id is beyond the vocabulary.
   */
  push(id: number): string {
    const bytes = this.#tokenizer.bytesOf(id, this.#options);
    return this.#shown(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the text: bytes still held back become U+FFFD. */
  flush(): string {
    return this.#shown(this.#decoder.decode());
  }

  #shown(text: string): string {
    return this.#tokenizer.vocab.preTokenizer === "original"
      ? text.replaceAll(BLANK_MARK, " ")
      : text;
  }
}
