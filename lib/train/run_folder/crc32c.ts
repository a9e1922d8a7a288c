/**
 * CRC-32C as TFRecord files have it: masked.
 *
 * @module
 */

import { crc32c } from "../../crc32.ts";

/** What TFRecord adds, so that a sum over data with sums in it is no fixed one. */
const MASK_DELTA = 0xa282ead8;

/**
 * The checksum of bytes, rotated and shifted as TFRecord wants it.
 *
 * @param bytes What it is over.
 * @returns 32 bits, unsigned.
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + MASK_DELTA) >>> 0;
}
