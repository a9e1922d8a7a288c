/**
 * The vocabulary of the RWKV World models: tokens that text is matched with,
 * the longest first; there are no merges. Id 0 ends and begins documents.
 *
 * It is published as text, a line a token:
 *
 * ```text
 * 1 '\x00' 1
 * 256 b'\xff' 1
 * 258 '\t\n' 2
 * ```
 *
 * the id, the token as Python writes it, and its length in bytes. In a
 * `tokenizer.json` it is
 * `{"type": "longest_match", "id_to_token": [[], [0], …]}`; an id without a
 * token has no bytes.
 *
 * @module
 */

import {
  byteIdsOf,
  isWhole,
  latin1,
  malformed,
  unknownByte,
} from "../parsing.ts";
import { MAX_VOCAB_SIZE, Vocab } from "../tokenizer.ts";
import { parsePythonLiteral } from "./python_literal.ts";

/** The `type` of such a `tokenizer.json`. */
export const LONGEST_MATCH = "longest_match";

/** The id that ends a document, and begins one. */
const END = 0;
const SPECIAL_TOKENS: ReadonlyMap<string, number> = new Map([
  // The first is what it is called where it is shown.
  ["[EOS]", END],
  ["[BOS]", END],
]);

/** Bytes of a token; the published vocabulary's longest has 128. */
const MAX_TOKEN = 1024;
/** Bytes of all tokens; the published ones have half a million. */
const MAX_BYTES = 2 ** 22;

/**
 * A checked vocabulary.
 *
 * @example
 * ```ts
 * import { WorldVocab } from "./world_vocab.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Array.from(
 *   { length: 256 },
 *   (_, byte) => `${byte + 1} b'\\x${byte.toString(16).padStart(2, "0")}' 1\n`,
 * );
 * const vocab = WorldVocab.parseText(bytes.join("") + "257 'olá' 4\n");
 * assertEquals(vocab.size, 258);
 * assertEquals(vocab.specialId("[EOS]"), 0);
 * ```
 */
export class WorldVocab extends Vocab {
  /** Each id's bytes; none where an id is not used. */
  override readonly tokens: readonly Uint8Array[];
  /** The end of text, by both its names. */
  override readonly specialTokens: ReadonlyMap<string, number> = SPECIAL_TOKENS;
  /** Text is not split. */
  override readonly preTokenizer = "none";
  readonly #byteIds: readonly (number | undefined)[];

  /**
   * Checks a vocabulary.
   *
   * @param tokens Each id's bytes; none where an id is not used.
   * @throws {SyntaxError} When it is not a vocabulary: a byte without a token,
   * two tokens of the same bytes, one for the end of text.
   */
  constructor(tokens: readonly Uint8Array[]) {
    super();
    this.tokens = tokens;
    if (tokens.length > MAX_VOCAB_SIZE) {
      throw malformed(`it has more than 65536 ids`);
    }
    if (tokens.length > 0 && tokens[END].length > 0) {
      throw malformed("id 0 has a token, but it is the end of a text");
    }
    let total = 0;
    const ids = new Map<string, number>();
    tokens.forEach((bytes, id) => {
      total += bytes.length;
      if (bytes.length > MAX_TOKEN || total > MAX_BYTES) {
        throw malformed(`its tokens are too long, as of id ${id}`);
      }
      if (bytes.length === 0) return;
      const key = latin1(bytes);
      const other = ids.get(key);
      if (other !== undefined) {
        throw malformed(`tokens ${other} and ${id} are the same bytes`);
      }
      ids.set(key, id);
    });
    this.#byteIds = byteIdsOf(ids);
  }

  /**
   * Reads the published text.
   *
   * @param text The file's text, from anywhere.
   * @throws {SyntaxError} When a line is not a token, or as the constructor.
   */
  static parseText(text: string): WorldVocab {
    const tokens: Uint8Array[] = [];
    let number = 0;
    for (const line of text.split("\n")) {
      number++;
      if (line === "" || line === "\r") continue;
      const { id, bytes } = parseLine(line, number);
      if (tokens[id] !== undefined) throw malformed(`two tokens have id ${id}`);
      tokens[id] = bytes;
    }
    return new WorldVocab(
      Array.from(tokens, (bytes) => bytes ?? new Uint8Array(0)),
    );
  }

  /**
   * Reads the `id_to_token` of a `tokenizer.json`.
   *
   * @param value What stands there.
   * @throws {SyntaxError} When it is no list of lists of bytes, or as the
   * constructor.
   */
  static fromLists(value: unknown): WorldVocab {
    if (!Array.isArray(value) || value.length > MAX_VOCAB_SIZE) {
      throw malformed('"id_to_token" is not a list of at most 65536 tokens');
    }
    return new WorldVocab(value.map((list, id) => {
      if (
        !Array.isArray(list) || list.length > MAX_TOKEN ||
        !list.every((byte) => isWhole(byte, 256))
      ) throw malformed(`id_to_token[${id}] is not a list of bytes`);
      return Uint8Array.from(list);
    }));
  }

  /** The same with ids behind its own, which stand for nothing. */
  override padded(size: number): WorldVocab {
    return new WorldVocab(this.paddedTokens(size));
  }

  /** The id of a single byte. */
  override byteId(byte: number): number {
    const id = this.#byteIds[byte];
    if (id === undefined) throw unknownByte(byte);
    return id;
  }

  /**
   * The content in one canonical form. Unused ids at the end are no part of it,
   * so that a padded vocabulary is still the same.
   */
  override toString(): string {
    return JSON.stringify({
      type: LONGEST_MATCH,
      id_to_token: this.usedTokens(),
    }) + "\n";
  }
}

/** Reads a line: an id, a literal of Python, its length in bytes. */
function parseLine(
  line: string,
  number: number,
): { id: number; bytes: Uint8Array } {
  const [, digits, literal, length] =
    line.match(/^(\d{1,5}) (.+) (\d{1,5})\r?$/s) ?? [];
  if (literal === undefined) {
    throw malformed(`line ${number} is not an id, a token and its length`);
  }
  const bytes = parsePythonLiteral(literal);
  if (bytes === undefined || bytes.length !== Number(length)) {
    throw malformed(
      `line ${number} has no Python literal of ${length} bytes`,
    );
  }
  if (bytes.length === 0) throw malformed(`line ${number} has an empty token`);
  const id = Number(digits);
  if (id >= MAX_VOCAB_SIZE) throw malformed(`line ${number} has id ${id}`);
  return { id, bytes };
}
