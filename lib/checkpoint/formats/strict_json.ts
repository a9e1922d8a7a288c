/**
 * JSON from outside, for headers: bounded in depth and number of values, and a
 * key that stands twice is an error, where `JSON.parse` would keep the last.
 *
 * @module
 */

/** A value; objects come as maps, so that no name means anything. */
export type StrictJson =
  | null
  | boolean
  | number
  | string
  | readonly StrictJson[]
  | ReadonlyMap<string, StrictJson>;

/** What a text may hold. */
export interface JsonLimits {
  /** Lists and objects within one another. */
  readonly depth: number;
  /** Values, keys among them. */
  readonly values: number;
}

/**
 * Parses a text.
 *
 * @param text From anywhere.
 * @param limits What it may hold at most.
 * @throws {SyntaxError} When it holds more, is not JSON, or names a key twice;
 * the message is the reason alone.
 *
 * @example
 * ```ts
 * import { parseStrictJson } from "./strict_json.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const limits = { depth: 2, values: 10 };
 * assertEquals(parseStrictJson('{"a": [1]}', limits), new Map([["a", [1]]]));
 * assertThrows(() => parseStrictJson('{"a": 1, "a": 2}', limits), SyntaxError);
 * ```
 */
export function parseStrictJson(text: string, limits: JsonLimits): StrictJson {
  checkBounds(text, limits);
  try {
    // Innermost first, so what is already a map is no object of the text.
    return JSON.parse(
      text,
      (_key, value) =>
        typeof value === "object" && value !== null && !Array.isArray(value)
          ? new Map(Object.entries(value))
          : value,
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError("it is not JSON");
    throw error;
  }
}

/**
 * Holds a text against its limits without building anything of it. Where it is
 * not JSON this may go wrong, which `JSON.parse` then says.
 */
function checkBounds(text: string, limits: JsonLimits): void {
  const containers: Set<string>[] = [];
  let values = 1, string = "";
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const start = at++;
        while (at < text.length && text[at] !== '"') {
          at += text[at] === "\\" ? 2 : 1;
        }
        string = text.slice(start, at + 1);
        break;
      }
      case ":":
        values++;
        assertNew(containers.at(-1), string);
        break;
      case ",":
        values++;
        break;
      case "{":
      case "[":
        values++;
        if (containers.push(new Set()) <= limits.depth) break;
        throw new SyntaxError(`it is nested deeper than ${limits.depth}`);
      case "}":
      case "]":
        containers.pop();
    }
    if (values > limits.values) {
      throw new SyntaxError(`it has more than ${limits.values} values`);
    }
  }
}

/** A key may be spelled in several ways, so it is what the spelling means. */
function assertNew(keys: Set<string> | undefined, spelling: string): void {
  let key;
  try {
    key = JSON.parse(spelling);
  } catch {
    throw new SyntaxError("it is not JSON");
  }
  if (keys?.has(key)) {
    throw new SyntaxError(`it has ${key.slice(0, 100)} twice`);
  }
  keys?.add(key);
}
