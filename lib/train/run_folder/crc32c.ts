/**
 * CRC-32C (Castagnoli), as TFRecord files have it.
 *
 * @module
 */

/** The polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** What TFRecord adds, so that a sum over data with sums in it is no fixed one. */
const MASK_DELTA = 0xa282ead8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) {
    rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  }
  return rest;
});

/**
 * The checksum of bytes.
 *
 * @param bytes What it is over.
 * @returns 32 bits, unsigned.
 *
 * @example
 * ```ts
 * import { crc32c } from "./crc32c.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assertEquals(crc32c(bytes), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** The same, rotated and shifted as TFRecord wants it. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
}
