/**
 * Text to ids and back by longest matches: from where the last token ended, the
 * longest token that the text goes on with is the next. Text is neither
 * normalised nor split.
 *
 * @module
 */

import { Tokenizer } from "../tokenizer.ts";
import type { WorldVocab } from "./world_vocab.ts";
import { assertKind } from "../../option_kinds.ts";

/**
 * An encoder and decoder over a vocabulary of the RWKV World models.
 *
 * @example
 * ```ts
 * import { WorldTokenizer } from "./world_tokenizer.ts";
 * import { WorldVocab } from "./world_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const texts = ["a", "bo", "bom", "bom d"].map((text) =>
 *   new TextEncoder().encode(text)
 * );
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
 *   .filter((_, byte) => byte !== 97);
 * const vocab = new WorldVocab([new Uint8Array(0), ...texts, ...bytes]);
 * const tokenizer = new WorldTokenizer(vocab);
 * const ids = tokenizer.encode("bom dabo");
 * assertEquals([...ids], [4, 1, 2]);
 * assertEquals(tokenizer.decode(ids), "bom dabo");
 * ```
 */
export class WorldTokenizer extends Tokenizer<WorldVocab> {
  readonly #trie: Trie;
  readonly #encoder = new TextEncoder();

  /** Makes the tokenizer of a vocabulary. */
  constructor(vocab: WorldVocab) {
    super(vocab);
    this.#trie = new Trie(vocab.tokens);
  }

  /** Encodes a text; a lone surrogate counts as U+FFFD. */
  override encode(text: string): Uint16Array {
    assertKind("encode", "the text", text, "text");
    const bytes = this.#encoder.encode(text);
    const ids = new Uint16Array(bytes.length);
    let length = 0;
    for (let at = 0; at < bytes.length;) {
      const id = this.#trie.longestAt(bytes, at);
      ids[length++] = id;
      at += this.vocab.tokens[id].length;
    }
    return ids.slice(0, length);
  }
}

/** Tokens by their bytes: a table of (node, byte) to node, openly addressed. */
class Trie {
  readonly #mask: number;
  /** node · 256 + byte + 1; 0 where the place is free. */
  readonly #keys: Uint32Array;
  readonly #nodes: Uint32Array;
  /** The id that ends at a node, plus 1; 0 where none does. */
  readonly #ids: Uint32Array;

  constructor(tokens: readonly Uint8Array[]) {
    const bytes = tokens.reduce((sum, { length }) => sum + length, 0);
    const size = 2 ** Math.ceil(Math.log2(2 * bytes + 1));
    this.#mask = size - 1;
    this.#keys = new Uint32Array(size);
    this.#nodes = new Uint32Array(size);
    this.#ids = new Uint32Array(bytes + 1);
    let nodes = 1;
    tokens.forEach((token, id) => {
      let node = 0;
      for (const byte of token) {
        const key = node * 256 + byte + 1, place = this.#placeOf(key);
        if (this.#keys[place] === 0) {
          this.#keys[place] = key;
          this.#nodes[place] = nodes++;
        }
        node = this.#nodes[place];
      }
      if (node !== 0) this.#ids[node] = id + 1;
    });
  }

  /** The longest token at a place; every byte is one at least. */
  longestAt(bytes: Uint8Array, at: number): number {
    let node = 0, found = 0;
    for (let i = at; i < bytes.length; i++) {
      const place = this.#placeOf(node * 256 + bytes[i] + 1);
      if (this.#keys[place] === 0) break;
      node = this.#nodes[place];
      if (this.#ids[node] !== 0) found = this.#ids[node];
    }
    return found - 1;
  }

  /** Where a key stands, or would. */
  #placeOf(key: number): number {
    let place = Math.imul(key, 0x9e3779b1) >>> 7 & this.#mask;
    while (this.#keys[place] !== 0 && this.#keys[place] !== key) {
      place = place + 1 & this.#mask;
    }
    return place;
  }
}
