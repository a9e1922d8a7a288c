/**
 * How many threads a text is worth.
 *
 * @module
 */

/** A further thread, which takes a moment to start, pays from so many bytes. */
const BYTES_A_THREAD = 8e6;

/**
 * The threads for a text where none are asked for.
 *
 * @param bytes The text's length.
 * @returns From one to the machine's cores.
 *
 * @example
 * ```ts
 * import { usefulThreads } from "./useful_threads.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(usefulThreads(1000), 1);
 * assertEquals(usefulThreads(1e12), navigator.hardwareConcurrency);
 * ```
 */
export function usefulThreads(bytes: number): number {
  return Math.min(
    navigator.hardwareConcurrency,
    1 + Math.floor(bytes / BYTES_A_THREAD),
  );
}
