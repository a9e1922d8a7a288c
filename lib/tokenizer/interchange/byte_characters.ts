/**
 * Bytes written as characters, as GPT-2's files and everything after them do:
 * printable bytes stand for themselves, the other 68 for U+0100 and on, so
 * that no token holds a blank or a line end.
 *
 * @module
 */

import { BYTE_ORDER } from "../bpe/merge_learner.ts";

/** How many bytes are printable, at the front of {@linkcode BYTE_ORDER}. */
const PRINTABLE = 188;

const CHARACTERS: string[] = [];
const BYTES = new Map<string, number>();
BYTE_ORDER.forEach((byte, place) => {
  const code = place < PRINTABLE ? byte : 0x100 + place - PRINTABLE;
  CHARACTERS[byte] = String.fromCharCode(code);
  BYTES.set(CHARACTERS[byte], byte);
});

/**
 * Writes bytes as characters.
 *
 * @example
 * ```ts
 * import { toCharacters } from "./byte_characters.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode(" só\n");
 * assertEquals(toCharacters(bytes), "Ġs\u00c3\u00b3Ċ");
 * ```
 */
export function toCharacters(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += CHARACTERS[byte];
  return text;
}

/**
 * Reads characters as bytes.
 *
 * @param text What {@linkcode toCharacters} wrote.
 * @returns The bytes; undefined when a character stands for none.
 *
 * @example
 * ```ts
 * import { fromCharacters } from "./byte_characters.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromCharacters("Ġa"), Uint8Array.of(0x20, 0x61));
 * assertEquals(fromCharacters("a b"), undefined);
 * ```
 */
export function fromCharacters(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = BYTES.get(text[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
