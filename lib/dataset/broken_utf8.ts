/**
 * Text with bytes that are not UTF-8, which go to their own tokens unchanged.
 *
 * In between such a byte is a lone low surrogate, U+DC80 to U+DCFF, which no
 * valid UTF-8 gives: Python's "surrogateescape" has the same idea.
 *
 * @module
 */

import type { Tokenizer } from "../tokenizer/tokenizer.ts";

const ESCAPE = 0xdc00;
/** Runs of escapes; with the flag `u` halves of pairs are not meant. */
const ESCAPES = /[\udc80-\udcff]+/gu;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes UTF-8, broken bytes escaped.
 *
 * @example
 * ```ts
 * import { decodeKeeping } from "./broken_utf8.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x61, 0xe7, 0xc3, 0xa9);
 * assertEquals(decodeKeeping(bytes), "a\udce7é");
 * ```
 */
export function decodeKeeping(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterAt(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += decoder.decode(bytes.subarray(start, at));
    text += String.fromCharCode(ESCAPE + bytes[at++]);
    start = at;
  }
  return text + decoder.decode(bytes.subarray(start));
}

/**
 * Encodes a text, escaped bytes to the tokens of single bytes.
 *
 * @param text As {@linkcode decodeKeeping} gives it.
 * @param tokenizer What makes the other tokens.
 * @returns The ids; without a normaliser their bytes are those decoded.
 */
export function encodeKept(text: string, tokenizer: Tokenizer): Uint16Array {
  if (text.isWellFormed()) return tokenizer.encode(text);
  const ids: Uint16Array[] = [];
  let start = 0;
  const encode = (part: string) =>
    start === 0 ? tokenizer.encode(part) : tokenizer.encodePart(part);
  for (const { 0: escapes, index } of text.matchAll(ESCAPES)) {
    ids.push(encode(text.slice(start, index)));
    ids.push(Uint16Array.from(
      { length: escapes.length },
      (_, i) => tokenizer.vocab.byteId(escapes.charCodeAt(i) - ESCAPE),
    ));
    start = index + escapes.length;
  }
  ids.push(encode(text.slice(start)));
  const all = new Uint16Array(ids.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of ids) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/**
 * Counts escaped bytes.
 *
 * @param text As {@linkcode decodeKeeping} gives it.
 */
export function countKept(text: string): number {
  if (text.isWellFormed()) return 0;
  let count = 0;
  for (const [escapes] of text.matchAll(ESCAPES)) count += escapes.length;
  return count;
}

/** How many bytes the character at a place has; 0 when it is broken. */
function characterAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  }
  // Overlong forms, surrogates, and what is beyond U+10FFFF show in the second.
  const second = bytes[at + 1];
  const wrong = (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f);
  return wrong ? 0 : length;
}
