/**
 * CRC-32 with either of its usual polynomials, for rooms that could run in a
 * browser. Where `node:zlib` is at hand, that is quicker for large files.
 *
 * @module
 */

/** The sum of bytes with a polynomial, whose bits are reversed. */
function sumBy(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) {
      rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0);
    }
    return rest;
  });
  return (bytes) => {
    let sum = 0xffffffff;
    for (const byte of bytes) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
    return ~sum >>> 0;
  };
}

/**
 * The CRC-32 of bytes, as zip and PNG have it.
 *
 * @param bytes What it is over.
 * @returns 32 bits, unsigned.
 *
 * @example
 * ```ts
 * import { crc32 } from "./crc32.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc32(bytes), 0xcbf43926);
 * ```
 */
export const crc32: (bytes: Uint8Array) => number = sumBy(0xedb88320);

/**
 * The CRC-32C (Castagnoli) of bytes, as TFRecord files have it.
 *
 * @param bytes What it is over.
 * @returns 32 bits, unsigned.
 *
 * @example
 * ```ts
 * import { crc32c } from "./crc32.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc32c(bytes), 0xe3069283);
 * ```
 */
export const crc32c: (bytes: Uint8Array) => number = sumBy(0x82f63b78);
