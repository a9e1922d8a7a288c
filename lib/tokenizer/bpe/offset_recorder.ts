/**
 * Collects where ids come from: from ids to bytes to characters of the
 * normalised text, and from there to the text as it was given.
 *
 * @module
 */

import type { Alignment } from "./alignment.ts";
import type { BPEVocab } from "./bpe_vocab.ts";

/**
 * A growing list of places.
 *
 * @example
 * ```ts
 * import { OffsetRecorder } from "./offset_recorder.ts";
 * import { BPETrainer } from "./bpe_trainer.ts";
 * import { align } from "./alignment.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("x\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const recorder = new OffsetRecorder(vocab);
 * recorder.begin(align("aé", PTBRNormalizer.off()), 0);
 * const ids = Uint16Array.of(0x61, 0xc3, 0xa9).map((byte) => byte + 5);
 * recorder.addWord("aé", 0, 2, 0, ids);
 * const { starts, ends } = recorder.finish(3, 2);
 * assertEquals([...starts], [0, 1, 1]);
 * assertEquals([...ends], [1, 2, 2]);
 * ```
 */
export class OffsetRecorder {
  readonly #tokens: readonly Uint8Array[];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #alignment?: Alignment;
  #base = 0;

  /**
   * Makes an empty list.
   *
   * @param vocab Whose ids they will be.
   */
  constructor(vocab: BPEVocab) {
    this.#tokens = vocab.tokens;
  }

  /**
   * Starts a part of the text.
   *
   * @param alignment The part normalised.
   * @param base Where the part begins in the text as it was given.
   */
  begin(alignment: Alignment, base: number): void {
    this.#alignment = alignment;
    this.#base = base;
  }

  /** Takes the place of one id. */
  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /**
   * Takes a word's ids.
   *
   * @param source What the word is a part of.
   * @param start Where it begins there.
   * @param end Where it ends there.
   * @param at Where it stands in the part begun last.
   * @param ids Its ids; their bytes are the word's.
   */
  addWord(
    source: string,
    start: number,
    end: number,
    at: number,
    ids: Uint16Array,
  ): void {
    const { starts, ends } = this.#alignment!;
    // The character that is looked at, and the bytes up to its end.
    let char = start, next = start, charEnd = 0;
    const advance = () => {
      char = next;
      const code = source.codePointAt(char)!;
      next += code > 0xffff && char + 1 < end ? 2 : 1;
      charEnd += next - char === 2 ? 4 : code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    };
    let bytes = 0;
    for (const id of ids) {
      if (charEnd <= bytes) advance();
      const first = char;
      bytes += this.#tokens[id].length;
      while (charEnd < bytes) advance();
      this.add(
        this.#base + starts[at + first - start],
        this.#base + ends[at + next - 1 - start],
      );
    }
  }

  /**
   * Ends the list.
   *
   * @param length How many places are wanted.
   * @param end The place for more than there are.
   */
  finish(
    length: number,
    end: number,
  ): { starts: Uint32Array; ends: Uint32Array } {
    const starts = new Uint32Array(length).fill(end);
    const ends = new Uint32Array(length).fill(end);
    const known = Math.min(length, this.#starts.length);
    for (let i = 0; i < known; i++) {
      starts[i] = this.#starts[i];
      ends[i] = this.#ends[i];
    }
    return { starts, ends };
  }
}
