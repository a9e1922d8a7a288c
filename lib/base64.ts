/**
 * Bytes as text. Not every runtime that has all else has the methods of
 * `Uint8Array` for it: Node has them from version 25 on.
 *
 * @module
 */

/** The methods, where there are any. */
const Native = Uint8Array as unknown as {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
};

/** Characters that are made of bytes at once; more are too many arguments. */
const PIECE = 2 ** 13;

/**
 * The bytes of Base64.
 *
 * @throws {SyntaxError} When it is none.
 *
 * @example
 * ```ts
 * import { fromBase64 } from "./base64.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromBase64("b2k="), new TextEncoder().encode("oi"));
 * ```
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (Native.fromBase64 !== undefined) return Native.fromBase64(text);
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new SyntaxError("Cannot read Base64: it has another character");
  }
}

/**
 * Bytes in Base64.
 *
 * @example
 * ```ts
 * import { toBase64 } from "./base64.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toBase64(new TextEncoder().encode("oi")), "b2k=");
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  if (Native.fromBase64 !== undefined) return bytes.toBase64();
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

/**
 * Bytes as hexadecimal digits.
 *
 * @example
 * ```ts
 * import { toHex } from "./base64.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toHex(Uint8Array.of(10, 255)), "0aff");
 * ```
 */
export function toHex(bytes: Uint8Array): string {
  if (Native.fromBase64 !== undefined) return bytes.toHex();
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
