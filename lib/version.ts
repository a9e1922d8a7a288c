/**
 * The program's version.
 *
 * @module
 */

/** The version in `deno.json`, which a compiled program has not at hand. */
export const VERSION = "1.0.0";
