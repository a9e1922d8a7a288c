/**
 * TOML to a table, and the words for what is wrong with it.
 *
 * @module
 */

import { parse, TomlError } from "npm:smol-toml@1.9.1";

/**
 * Reads TOML.
 *
 * @param text All of it.
 * @param what What errors call it, such as `recipe "corpus.toml"`.
 * @throws {SyntaxError} When it is not TOML, with the line.
 *
 * @example
 * ```ts
 * import { parseToml } from "./toml.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseToml("a = 1", "config"), { a: 1 });
 * assertThrows(
 *   () => parseToml("a = 1\nb = =", "config"),
 *   SyntaxError,
 *   "Cannot read config: line 2: invalid value",
 * );
 * ```
 */
export function parseToml(
  text: string,
  what: string,
): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    const [reason] = (error as Error).message
      .replace("Invalid TOML document: ", "").split("\n", 1);
    if (!(error instanceof TomlError)) {
      throw new SyntaxError(`Cannot read ${what}: ${reason}`);
    }
    const { line, column } = error;
    // What the parser calls a control character may be where the line ends.
    const isEnd = (text.split("\n")[line - 1] ?? "").length < column;
    const told = isEnd && reason.endsWith("not allowed in strings")
      ? "unfinished string"
      : reason;
    throw new SyntaxError(`Cannot read ${what}: line ${line}: ${told}`);
  }
}
