/**
 * JSON files that end with a checksum of all that they say, so that a bit that
 * turned in one is noticed.
 *
 * @module
 */

import { crc32 } from "node:zlib";

/** A CRC-32 as files of ours have it: eight digits of hex. */
export function inHex(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}

/**
 * The text of a file.
 *
 * @param value What it is to say, as plain data.
 *
 * @example
 * ```ts
 * import { checkedJson, withoutChecksum } from "./checked_json.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const text = checkedJson({ name: "rio" });
 * assertEquals(withoutChecksum(JSON.parse(text)), { name: "rio" });
 * const damaged = JSON.parse(text.replace("rio", "rho"));
 * assertThrows(() => withoutChecksum(damaged), SyntaxError, "checksum");
 * ```
 */
export function checkedJson(value: object): string {
  const checksum = checksumOf(value);
  return JSON.stringify({ ...value, checksum }, null, 2) + "\n";
}

/**
 * Holds what a file says against its checksum; an older file has none.
 *
 * @param value The file's JSON.
 * @returns What it says, its checksum left out.
 * @throws {SyntaxError} When they differ, with the reason alone.
 */
export function withoutChecksum(
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { checksum, ...rest } = value;
  const isWhole = checksum === undefined
    ? !hasDamagedName(rest)
    : checksum === checksumOf(rest);
  if (!isWhole) throw new SyntaxError("it is damaged: its checksum differs");
  return rest;
}

/** Whether it seems to end with a checksum whose name is not what it was. */
function hasDamagedName(value: Readonly<Record<string, unknown>>): boolean {
  const last = Object.values(value).at(-1);
  return typeof last === "string" && /^[0-9a-f]{8}$/.test(last);
}

function checksumOf(value: object): string {
  return inHex(crc32(JSON.stringify(value)));
}
