/**
 * A vocabulary of SentencePiece's byte-pair encoding with byte fallback, as
 * Llama 2 and Mistral have it. Merges join characters, not bytes; a character
 * that is no token becomes the tokens of its bytes, which no merge takes. A text
 * is not split, a blank is a character like others, and one is put before it.
 *
 * In a `tokenizer.json` it is
 *
 * ```json
 * {
 *   "type": "sentencepiece",
 *   "id_to_token": [[60, 115, 62], "…one array of bytes an id"],
 *   "merges": [[102, 103], "…pairs of ids, the first the most urgent"],
 *   "special_tokens": { "<s>": 1 },
 *   "byte_tokens": [3, "…the ids of the 256 bytes"],
 *   "prefix": "always"
 * }
 * ```
 *
 * @module
 */

import { readMerges, readSpecialTokens } from "../bpe/bpe_vocab.ts";
import {
  arrayOf,
  isWhole,
  latin1,
  malformed,
  record,
  tokenOf,
} from "../parsing.ts";
import { MAX_VOCAB_SIZE, Vocab } from "../tokenizer.ts";

/** The `type` of such a `tokenizer.json`. */
export const SENTENCEPIECE = "sentencepiece";

/** When a blank is put before a text: always, or where none is there. */
export const PREFIXES = ["always", "unless-blank"] as const;

/** One of {@linkcode PREFIXES}. */
export type Prefix = typeof PREFIXES[number];

/** Bytes of a token; those of published vocabularies have less than 100. */
const MAX_TOKEN = 1024;

/** A vocabulary's content. */
export type SentencePieceFields = Pick<
  SentencePieceVocab,
  "tokens" | "merges" | "specialTokens" | "byteTokens" | "prefix"
>;

/**
 * A checked vocabulary.
 *
 * @example
 * ```ts
 * import { SentencePieceVocab } from "./sentencepiece_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
 * const texts = [" ", "é", " é"].map((text) => new TextEncoder().encode(text));
 * const vocab = new SentencePieceVocab({
 *   tokens: [...bytes, ...texts],
 *   merges: [[256, 257]],
 *   specialTokens: new Map(),
 *   byteTokens: bytes.map((_, id) => id),
 *   prefix: "always",
 * });
 * assertEquals([vocab.madeBy(0), vocab.byteId(32)], [258, 32]);
 * ```
 */
export class SentencePieceVocab extends Vocab {
  /** Each id's bytes; a special token's are not used. */
  override readonly tokens: readonly Uint8Array[];
  /** Pairs of ids, the first the most urgent. */
  readonly merges: readonly (readonly [left: number, right: number])[];
  /** The ids that no text becomes, by name. */
  override readonly specialTokens: ReadonlyMap<string, number>;
  /** The id of each byte of a character that is no token. */
  readonly byteTokens: readonly number[];
  /** When a blank is put before a text. */
  readonly prefix: Prefix;
  /** Text is not split. */
  override readonly preTokenizer = "none";
  /** The texts of the tokens that text becomes, by id; a byte has none. */
  readonly texts: ReadonlyMap<number, string>;
  readonly #made: Uint16Array;

  /**
   * Checks a vocabulary.
   *
   * @param fields The content.
   * @throws {SyntaxError} When it is not a vocabulary: a token that is not text,
   * two of one text, a byte without a token, a merge of bytes or of unknown ids.
   */
  constructor(fields: SentencePieceFields) {
    super();
    this.tokens = fields.tokens;
    this.merges = fields.merges;
    this.specialTokens = fields.specialTokens;
    this.byteTokens = fields.byteTokens;
    this.prefix = fields.prefix;
    this.byteTokens.forEach((id, byte) => {
      if (latin1(this.tokens[id]) !== String.fromCharCode(byte)) {
        throw malformed(`byte ${byte} has no token`);
      }
    });
    this.texts = this.#readTexts();
    const ids = new Map([...this.texts].map(([id, text]) => [text, id]));
    const textOf = (id: number, merge: number) => {
      const text = this.texts.get(id);
      if (text !== undefined) return text;
      throw malformed(`merge ${merge} uses token ${id}, which is no text`);
    };
    this.#made = Uint16Array.from(this.merges, ([left, right], i) => {
      const id = ids.get(textOf(left, i) + textOf(right, i));
      if (id === undefined) throw malformed(`merge ${i} makes no token`);
      return id;
    });
  }

  /**
   * Reads the content of a `tokenizer.json`.
   *
   * @param value The file's JSON, from anywhere.
   * @throws {SyntaxError} When it is not a vocabulary.
   */
  static fromJson(value: unknown): SentencePieceVocab {
    const file = record(value, "it");
    const lists = arrayOf(file.id_to_token, "id_to_token");
    const { length } = lists;
    if (length === 0 || length > MAX_VOCAB_SIZE) {
      throw malformed(`id_to_token has ${length} entries, not 1 to 65536`);
    }
    const tokens = lists.map(tokenOf);
    const byteTokens = arrayOf(file.byte_tokens, "byte_tokens");
    if (
      byteTokens.length !== 256 ||
      !byteTokens.every((id): id is number => isWhole(id, length))
    ) throw malformed('"byte_tokens" is not a list of 256 ids');
    const prefix = PREFIXES.find((name) => name === file.prefix);
    if (prefix === undefined) {
      throw malformed(`"prefix" is none of ${PREFIXES.join(", ")}`);
    }
    return new SentencePieceVocab({
      tokens,
      merges: readMerges(file.merges, length),
      specialTokens: readSpecialTokens(file.special_tokens, length),
      byteTokens,
      prefix,
    });
  }

  /** The id of a byte of a character that is no token. */
  override byteId(byte: number): number {
    return this.byteTokens[byte];
  }

  /** The id that a merge makes. */
  madeBy(merge: number): number {
    return this.#made[merge];
  }

  /** The same with other names of special tokens. */
  withSpecialTokens(
    specialTokens: ReadonlyMap<string, number>,
  ): SentencePieceVocab {
    return new SentencePieceVocab({ ...this, specialTokens });
  }

  /** The same with ids behind its own, which stand for nothing. */
  override padded(size: number): SentencePieceVocab {
    const tokens = this.paddedTokens(size);
    return new SentencePieceVocab({ ...this, tokens });
  }

  /**
   * The content in one canonical form, as it is written to `tokenizer.json`.
   * Unused ids at the end are no part of it.
   */
  override toString(): string {
    const special = [...this.specialTokens].sort(([, a], [, b]) => a - b);
    return JSON.stringify({
      type: SENTENCEPIECE,
      id_to_token: this.usedTokens(),
      merges: this.merges,
      special_tokens: Object.fromEntries(special),
      byte_tokens: this.byteTokens,
      prefix: this.prefix,
    }) + "\n";
  }

  #readTexts(): Map<number, string> {
    const others = new Set([
      ...this.specialTokens.values(),
      ...this.byteTokens,
    ]);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const texts = new Map<number, string>(), ids = new Map<string, number>();
    this.tokens.forEach((bytes, id) => {
      if (bytes.length > MAX_TOKEN) {
        throw malformed(`its tokens are too long, as of id ${id}`);
      }
      if (others.has(id) || bytes.length === 0) return;
      let text: string;
      try {
        text = decoder.decode(bytes);
      } catch {
        throw malformed(`token ${id} is not UTF-8`);
      }
      const other = ids.get(text);
      if (other !== undefined) {
        throw malformed(`tokens ${other} and ${id} are the same bytes`);
      }
      texts.set(id, text);
      ids.set(text, id);
    });
    return texts;
  }
}
