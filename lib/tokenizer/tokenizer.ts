/**
 * What every tokenizer offers to the stages that use one, whatever turns text
 * into its ids: merges (`BPETokenizer`) or longest matches (`WorldTokenizer`).
 *
 * @module
 */

import type { PreTokenizer } from "./pre_tokenizer.ts";

/** The ids of a tokenizer and what they stand for. */
export interface Vocab {
  /** Each id's bytes; a special token's are not used. */
  readonly tokens: readonly Uint8Array[];
  /** The ids that no text becomes, by name. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** How text is split before; "none" where it is not. */
  readonly preTokenizer: PreTokenizer | "none";
  /** How many ids there are. */
  readonly size: number;
  /**
   * The id of a special token.
   *
   * @throws {RangeError} When there is none of that name.
   */
  specialId(name: string): number;
  /** The id of a single byte. */
  byteId(byte: number): number;
  /** The content in one canonical form, as it is written to `tokenizer.json`. */
  toString(): string;
}

/** How ids are decoded. */
export interface DecodeOptions {
  /** True to show special tokens by name; they are left out otherwise. */
  readonly keepSpecial?: boolean;
}

/** An encoder and decoder over one vocabulary. */
export interface Tokenizer {
  /** The vocabulary. */
  readonly vocab: Vocab;
  /** Encodes a text, without any framing. */
  encode(text: string): Uint16Array;
  /** Decodes ids. Bytes that are not UTF-8 become U+FFFD. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /** The bytes that an id stands for; of a special token none, or its name's. */
  bytesOf(id: number, options?: DecodeOptions): Uint8Array;
  /** How many bytes of text an id stands for: zero for a special token. */
  byteLength(id: number): number;
  /** How many bytes of text each id stands for, by id. */
  byteLengths(): Uint32Array;
}

/**
 * What names a vocabulary in datasets and checkpoints: the SHA-256 of its
 * canonical form, which for a file written here is the file's own.
 *
 * @param vocab The vocabulary.
 * @returns 64 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { identityOf } from "./tokenizer.ts";
 * import { BPETrainer } from "./bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * assertEquals((await identityOf(vocab)).length, 64);
 * ```
 */
export async function identityOf(vocab: Vocab): Promise<string> {
  const bytes = new TextEncoder().encode(vocab.toString());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
