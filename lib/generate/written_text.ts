/**
 * A text as its tokens become characters, and where it ends.
 *
 * @module
 */

import { StreamDecoder } from "../tokenizer/stream_decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { StopTexts } from "./stop_texts.ts";

/**
 * Turns tokens into text until one of them ends it: a token of the framing of
 * documents, or one with which a text to stop at is complete.
 */
export class WrittenText {
  readonly #decoder: StreamDecoder;
  readonly #stops: StopTexts;
  readonly #framing: readonly number[];
  #ended = false;

  /**
   * Begins a text.
   *
   * @param tokenizer Whose tokens they are.
   * @param stop Texts at which it ends; they are not part of it.
   */
  constructor(tokenizer: Tokenizer, stop: readonly string[] = []) {
    this.#decoder = new StreamDecoder(tokenizer);
    this.#stops = new StopTexts(stop);
    const { vocab } = tokenizer;
    this.#framing = [vocab.specialId("[BOS]"), vocab.specialId("[EOS]")];
  }

  /** Whether a token has ended it. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes the next token.
   *
   * @returns The characters that are certain now, often none.
   */
  push(id: number): string {
    if (this.#ended) return "";
    if (this.#framing.includes(id)) {
      this.#ended = true;
      return "";
    }
    const { text, stopped } = this.#stops.push(this.#decoder.push(id));
    this.#ended = stopped;
    return text;
  }

  /** Ends it. @returns The rest; half a character is U+FFFD. */
  flush(): string {
    const { text } = this.#stops.push(this.#decoder.flush());
    return text + this.#stops.flush();
  }
}
