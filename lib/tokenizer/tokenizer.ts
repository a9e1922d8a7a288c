/**
 * What every tokenizer offers to the stages that use one, whatever turns text
 * into its ids: merges (`BPETokenizer`) or longest matches (`WorldTokenizer`).
 *
 * @module
 */

import { BLANK_MARK, type PreTokenizer } from "./pre_tokenizer.ts";
import { toHex } from "../base64.ts";
import { platform, type VocabFiles } from "../platform.ts";

/** The most ids that a vocabulary can have: a token is 16 bits in datasets. */
export const MAX_VOCAB_SIZE = 65_536;

const NO_BYTES = new Uint8Array(0);

/** The ids of a tokenizer and what they stand for. */
export abstract class Vocab {
  /** Each id's bytes; a special token's are not used. */
  abstract readonly tokens: readonly Uint8Array[];
  /** The ids that no text becomes, by name. */
  abstract readonly specialTokens: ReadonlyMap<string, number>;
  /** How text is split before; "none" where it is not. */
  abstract readonly preTokenizer: PreTokenizer | "none";

  /** How many ids there are. */
  get size(): number {
    return this.tokens.length;
  }

  /**
   * The id of a special token.
   *
   * @param name Its name, such as `[BOS]`.
   * @throws {RangeError} When there is none of that name.
   */
  specialId(name: string): number {
    const id = this.specialTokens.get(name);
    if (id === undefined) {
      throw new RangeError(`Cannot use ${name}: the tokenizer has none`);
    }
    return id;
  }

  /**
   * The id of a single byte.
   *
   * @throws {RangeError} When it is none of UTF-8 and has no token.
   */
  abstract byteId(byte: number): number;

  /**
   * The same tokens and unused ids after them: models have more ids than their
   * vocabulary. It is the same vocabulary still, by its identity.
   *
   * @param size How many ids a model has.
   * @returns This one where none is missing, or too many for the two to go
   * together.
   */
  abstract padded(size: number): Vocab;

  /** The tokens, and after them unused ids up to a size. */
  protected paddedTokens(size: number): Uint8Array[] {
    const missing = Math.max(0, size - this.size);
    const unused = Array.from({ length: missing }, () => NO_BYTES);
    return [...this.tokens, ...unused];
  }

  /** The tokens as a file has them: without the unused ids at the end. */
  protected usedTokens(): number[][] {
    const used = this.tokens.findLastIndex(({ length }) => length > 0) + 1;
    return this.tokens.slice(0, used).map((bytes) => [...bytes]);
  }

  /** The content in one canonical form, as it is written to `tokenizer.json`. */
  abstract toString(): string;
}

/** How ids are decoded. */
export interface DecodeOptions {
  /** True to show special tokens by name; they are left out otherwise. */
  readonly keepSpecial?: boolean;
  /**
   * True for ids from the midst of a text: a blank that the tokenizer puts
   * before texts is left out of those from its beginning only.
   */
  readonly isPart?: boolean;
}

/**
 * Vocabularies in files.
 *
 * @param verb What is to be done, and `path`, to which: for the error.
 * @throws {Error} In a program that has no files, such as a page.
 */
export function vocabFiles(verb: string, path: string): VocabFiles {
  if (platform.vocabFiles !== undefined) return platform.vocabFiles;
  throw new Error(
    `Cannot ${verb} tokenizer "${path}": this entry of the library has no ` +
      "files; in Deno import also @ptbr-slm/ptbr-slm/dataset",
  );
}

/** An encoder and decoder over one vocabulary. */
export abstract class Tokenizer<V extends Vocab = Vocab> {
  /** The vocabulary. */
  readonly vocab: V;
  readonly #names = new Map<number, Uint8Array>();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /**
   * Makes a tokenizer.
   *
   * @param vocab The vocabulary, which also says how text is prepared.
   */
  constructor(vocab: V) {
    this.vocab = vocab;
    for (const [name, id] of vocab.specialTokens) {
      // Of a token with two names the first is its own.
      if (this.#names.has(id)) continue;
      this.#names.set(id, new TextEncoder().encode(name));
    }
  }

  /** How many ids there are. */
  get vocabSize(): number {
    return this.vocab.size;
  }

  /**
   * Writes the tokenizer as `tokenizer.json`, whole or not at all.
   *
   * @param path Where the file shall stand.
   * @throws {Error} When it cannot be written.
   */
  async save(path: string): Promise<void> {
    await vocabFiles("write", path).write(path, this.vocab);
  }

  /**
   * Encodes a text, without any framing.
   *
   * @param text Any text; a lone surrogate counts as U+FFFD.
   * @returns The ids, an array of the caller's own.
   */
  abstract encode(text: string): Uint16Array;

  /**
   * Encodes the rest of a text that has begun: without the blank that some
   * tokenizers put before one.
   *
   * @param text Any text; a lone surrogate counts as U+FFFD.
   * @returns The ids, an array of the caller's own.
   */
  encodePart(text: string): Uint16Array {
    return this.encode(text);
  }

  /**
   * Decodes ids. Bytes that are not UTF-8 become U+FFFD.
   *
   * @param ids Ids of this vocabulary.
   * @param options Whether special tokens are shown.
   * @throws {RangeError} When an id is beyond the vocabulary.
   */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      length += this.bytesOf(ids[i], options).length;
    }
    const bytes = new Uint8Array(length);
    for (let i = 0, at = 0; i < ids.length; i++) {
      const token = this.bytesOf(ids[i], options);
      bytes.set(token, at);
      at += token.length;
    }
    const text = this.#decoder.decode(bytes);
    return this.vocab.preTokenizer === "original"
      ? text.replaceAll(BLANK_MARK, " ")
      : text;
  }

  /**
   * The bytes that an id stands for; of a special token none, or its name's.
   *
   * @throws {RangeError} When the id is beyond the vocabulary.
   */
  bytesOf(id: number, { keepSpecial = false }: DecodeOptions = {}): Uint8Array {
    const bytes = this.vocab.tokens[id];
    if (bytes === undefined) {
      throw new RangeError(
        `Cannot decode token ${id}: the vocabulary has ${this.vocab.size}`,
      );
    }
    const name = this.#names.get(id);
    return name === undefined ? bytes : keepSpecial ? name : NO_BYTES;
  }

  /**
   * How many bytes of text an id stands for: zero for a special token. Sums of
   * these are what bits per byte divides by.
   *
   * @throws {RangeError} When the id is beyond the vocabulary.
   */
  byteLength(id: number): number {
    const bytes = this.bytesOf(id);
    if (this.vocab.preTokenizer !== "original") return bytes.length;
    // The original's mark, two bytes, stands for a blank of one.
    let marks = 0;
    for (let i = 1; i < bytes.length; i++) {
      if (bytes[i - 1] === 0xc4 && bytes[i] === 0xa0) marks++;
    }
    return bytes.length - marks;
  }

  /** How many bytes of text each id stands for, by id. */
  byteLengths(): Uint32Array {
    return Uint32Array.from(
      { length: this.vocab.size },
      (_, id) => this.byteLength(id),
    );
  }
}

/**
 * What names a vocabulary in datasets and checkpoints: the SHA-256 of its
 * canonical form, which for a file written here is the file's own.
 *
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
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
