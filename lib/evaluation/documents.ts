/**
 * Documents as tokens, each by itself: of a text, or of a token file, where
 * they are found by the tokens that frame them and read as they are needed.
 *
 * @module
 */

import type { TokenSequence } from "../dataset/windows.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** A document that is to be predicted from its second token on. */
export interface TokenDocument {
  /** What it is called: its file, with a number where that has several. */
  readonly name: string;
  /** Which source it is of, by number. */
  readonly source: number;
  /** Its length in bytes, of UTF-8. */
  readonly bytes: number;
  /** How many tokens it has, its frame among them. */
  readonly length: number;
  /** Copies tokens out, from `start` on, until `into` is full. */
  read(start: number, into: Uint16Array): void;
}

/** What frames documents. */
export interface DocumentFrame {
  /** The token before a document. */
  readonly start: number;
  /** The token behind it; with some tokenizers the same. */
  readonly end: number;
}

/** The tokens that frame documents for a tokenizer. */
export function frameOf({ vocab }: Tokenizer): DocumentFrame {
  return {
    start: vocab.specialId("[BOS]"),
    end: vocab.specialId("[EOS]"),
  };
}

/**
 * A document of ids.
 *
 * @param about Its name, source and length in bytes.
 * @param ids Its tokens, without a frame.
 * @param frame What it is framed with.
 *
 * @example
 * ```ts
 * import { framedDocument } from "./documents.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const about = { name: "a.txt", source: 0, bytes: 5 };
 * const document = framedDocument(about, [7, 8], { start: 2, end: 3 });
 * const tokens = new Uint16Array(document.length);
 * document.read(0, tokens);
 * assertEquals([...tokens], [2, 7, 8, 3]);
 * ```
 */
export function framedDocument(
  about: Pick<TokenDocument, "name" | "source" | "bytes">,
  ids: ArrayLike<number>,
  { start, end }: DocumentFrame,
): TokenDocument {
  const tokens = new Uint16Array(ids.length + 2);
  tokens[0] = start;
  tokens.set(ids, 1);
  tokens[ids.length + 1] = end;
  return {
    ...about,
    length: tokens.length,
    read: (at, into) => into.set(tokens.subarray(at, at + into.length)),
  };
}

/** How many tokens of a file are looked through at once. */
const PART = 2 ** 16;

/**
 * Finds the documents of a token file. What stands before the first frame or
 * behind the last one is a document too, where it has two tokens.
 *
 * @param tokens The file.
 * @param source Which source it is, by number.
 * @param options What frames its documents, and how many bytes each id stands
 * for.
 * @returns The documents in order, read from the file when they are asked.
 *
 * @example
 * ```ts
 * import { documentsIn } from "./documents.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const ids = Uint16Array.of(2, 7, 8, 3, 2, 9, 3);
 * const file = {
 *   path: "val.bin",
 *   length: ids.length,
 *   read: (at: number, into: Uint16Array) =>
 *     into.set(ids.subarray(at, at + into.length)),
 * };
 * const frame = { start: 2, end: 3 };
 * const byteLengths = new Uint8Array(10).fill(1, 4);
 * const found = [...documentsIn(file, 0, { frame, byteLengths })];
 * assertEquals(found.map(({ bytes, length }) => [bytes, length]), [
 *   [2, 4],
 *   [1, 3],
 * ]);
 * ```
 */
export function* documentsIn(
  tokens: TokenSequence,
  source: number,
  { frame, byteLengths }: {
    readonly frame: DocumentFrame;
    readonly byteLengths: ArrayLike<number>;
  },
): Generator<TokenDocument> {
  const { start, end } = frame;
  const name = tokens.path.replace(/^.*[/\\]/, "");
  let first = 0, bytes = 0, found = 0;
  const buffer = new Uint16Array(PART);
  for (let at = 0; at < tokens.length; at += PART) {
    const part = buffer.subarray(0, Math.min(PART, tokens.length - at));
    tokens.read(at, part);
    for (let i = 0; i < part.length; i++) {
      const id = part[i], here = at + i;
      bytes += byteLengths[id];
      if (id === end && here > first) {
        yield document(here + 1);
        // Where one token is both, it also begins the next document.
        first = start === end ? here : here + 1;
      } else if (id === start && start !== end && here > first) {
        if (here - first > 1) yield document(here);
        first = here;
        bytes = 0;
      }
    }
  }
  if (tokens.length - first > 1) yield document(tokens.length);

  function document(behind: number): TokenDocument {
    const from = first, length = behind - from, own = bytes;
    bytes = 0;
    return {
      name: `${name} ${++found}`,
      source,
      bytes: own,
      length,
      read: (at, into) => tokens.read(from + at, into),
    };
  }
}
