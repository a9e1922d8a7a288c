/**
 * Text to ids and back by merges of characters, the most urgent of a whole text
 * first. Where two characters stand side by side in no token, no merge can join
 * what is left of them to what is right; there the text is cut, so the parts
 * that are merged are short, mostly words.
 *
 * @module
 */

import { MergeTable } from "../bpe/merge_table.ts";
import { type DecodeOptions, Tokenizer } from "../tokenizer.ts";
import type { SentencePieceVocab } from "./sentencepiece_vocab.ts";
import { assertKind } from "../../option_kinds.ts";

/** What SentencePiece writes for a blank; in a text it counts as one. */
const BLANK = "▁";

/** More than any code point, so that two of them are one number. */
const CODE_POINTS = 2 ** 21;

/**
 * An encoder and decoder over a vocabulary of SentencePiece.
 *
 * @example
 * ```ts
 * import { SentencePieceTokenizer } from "./sentencepiece_tokenizer.ts";
 * import { SentencePieceVocab } from "./sentencepiece_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
 * const texts = [" ", "é", " é"].map((text) => new TextEncoder().encode(text));
 * const tokenizer = new SentencePieceTokenizer(
 *   new SentencePieceVocab({
 *     tokens: [...bytes, ...texts],
 *     merges: [[256, 257]],
 *     specialTokens: new Map(),
 *     byteTokens: bytes.map((_, id) => id),
 *     prefix: "always",
 *   }),
 * );
 * const ids = tokenizer.encode("éa é");
 * assertEquals([...ids], [258, 97, 258]);
 * assertEquals(tokenizer.decode(ids), "éa é");
 * ```
 */
export class SentencePieceTokenizer extends Tokenizer<SentencePieceVocab> {
  readonly #merges: MergeTable;
  /** The ids of characters by their code points. */
  readonly #characters = new Map<number, number>();
  /** The characters that stand side by side in some token. */
  readonly #neighbours = new Set<number>();
  readonly #encoder = new TextEncoder();
  readonly #bytes = new Uint8Array(4);
  #part = new Int32Array(256);

  /** Makes the tokenizer of a vocabulary. */
  constructor(vocab: SentencePieceVocab) {
    super(vocab);
    this.#merges = new MergeTable(vocab);
    for (const [id, text] of vocab.texts) {
      const points = Array.from(text, (character) => character.codePointAt(0)!);
      if (points.length === 1) this.#characters.set(points[0], id);
      for (let i = 1; i < points.length; i++) {
        this.#neighbours.add(points[i - 1] * CODE_POINTS + points[i]);
      }
    }
  }

  /** Encodes a text; a lone surrogate counts as U+FFFD. */
  override encode(text: string): Uint16Array {
    assertKind("encode", "the text", text, "text");
    const plain = withBlanks(text);
    const hasBlank = this.vocab.prefix === "unless-blank" &&
      plain.startsWith(" ");
    return this.#encode(plain === "" || hasBlank ? plain : ` ${plain}`);
  }

  /** Encodes the rest of a text: no blank is put before it. */
  override encodePart(text: string): Uint16Array {
    return this.#encode(withBlanks(text));
  }

  #encode(source: string): Uint16Array {
    // A character has no more ids than UTF-8 has bytes for it, at most three
    // for each unit of UTF-16.
    let ids = new Uint16Array(source.length);
    let length = 0, symbols = 0, before = 0;
    const endPart = () => {
      const merged = this.#merges.merge(this.#part, symbols);
      if (length + merged > ids.length) {
        const more = new Uint16Array(2 * ids.length + merged);
        more.set(ids);
        ids = more;
      }
      for (let i = 0; i < merged; i++) ids[length++] = this.#part[i];
      symbols = 0;
    };
    for (let at = 0; at < source.length;) {
      const point = source.codePointAt(at)!;
      at += point > 0xffff ? 2 : 1;
      if (
        symbols > 0 && !this.#neighbours.has(before * CODE_POINTS + point)
      ) endPart();
      symbols = this.#addCharacter(point, symbols);
      before = point;
    }
    if (symbols > 0) endPart();
    return ids.slice(0, length);
  }

  /** Decodes ids as the others do, but for the blank that is put before texts. */
  override decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const text = super.decode(ids, options);
    return text.startsWith(" ") && !options.isPart ? text.slice(1) : text;
  }

  /** Adds the ids of a character to the part that is to be merged. */
  #addCharacter(point: number, symbols: number): number {
    if (symbols + 4 > this.#part.length) {
      const longer = new Int32Array(2 * this.#part.length);
      longer.set(this.#part);
      this.#part = longer;
    }
    const id = this.#characters.get(point);
    if (id !== undefined) {
      this.#part[symbols] = id;
      return symbols + 1;
    }
    const character = String.fromCodePoint(point);
    const { written } = this.#encoder.encodeInto(character, this.#bytes);
    for (let i = 0; i < written; i++) {
      this.#part[symbols + i] = this.vocab.byteId(this.#bytes[i]);
    }
    return symbols + written;
  }
}

/** A text whose blanks are one character, its lone surrogates U+FFFD. */
function withBlanks(text: string): string {
  return text.toWellFormed().replaceAll(BLANK, " ");
}
