/**
 * Python's literals of strings and bytes, as `repr()` writes them, without
 * evaluating anything.
 *
 * @module
 */

/** What a backslash and one character stand for. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The escapes that are written; every other byte is itself or hexadecimal. */
const WRITTEN: ReadonlyMap<string, string> = new Map(
  ["\\", "'", "n", "r", "t"].map((name) => [ESCAPES[name], `\\${name}`]),
);

/** How many hexadecimal digits follow an escape; the last two in text only. */
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Reads a literal.
 *
 * @param literal `'…'`, `"…"`, `b'…'` or `b"…"`, and nothing else.
 * @returns The bytes, of text in UTF-8; undefined when it is no such literal.
 *
 * @example
 * ```ts
 * import { parsePythonLiteral } from "./python_literal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);
 * assertEquals(text(parsePythonLiteral("'\\u00e9\\n'")), "é\n");
 * assertEquals(parsePythonLiteral("b'\\xff'"), new Uint8Array([255]));
 * assertEquals(parsePythonLiteral("print()"), undefined);
 * ```
 */
export function parsePythonLiteral(literal: string): Uint8Array | undefined {
  const isBytes = literal.startsWith("b");
  const quoted = isBytes ? literal.slice(1) : literal;
  const quote = quoted[0];
  if (
    quoted.length < 2 || (quote !== "'" && quote !== '"') ||
    quoted.at(-1) !== quote
  ) return undefined;
  const chars = unescaped(quoted.slice(1, -1), quote, isBytes);
  if (chars === undefined) return undefined;
  if (!isBytes) {
    return chars.isWellFormed() ? new TextEncoder().encode(chars) : undefined;
  }
  return Uint8Array.from(chars, (char) => char.charCodeAt(0));
}

/**
 * Writes bytes as they stand between the quotes of a literal `b'…'`.
 *
 * @example
 * ```ts
 * import { escapedBytes, parsePythonLiteral } from "./python_literal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("'é'\n");
 * assertEquals(escapedBytes(bytes), "\\'\\xc3\\xa9\\'\\n");
 * assertEquals(parsePythonLiteral(`b'${escapedBytes(bytes)}'`), bytes);
 * ```
 */
export function escapedBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    const printable = byte >= 0x20 && byte < 0x7f;
    text += WRITTEN.get(char) ??
      (printable ? char : `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return text;
}

/** The characters meant; of bytes one each. */
function unescaped(
  body: string,
  quote: string,
  isBytes: boolean,
): string | undefined {
  let result = "";
  for (let at = 0; at < body.length;) {
    const char = body[at++];
    if (char === quote || char === "\n") return undefined;
    if (char !== "\\") {
      // Other bytes are always escaped.
      if (isBytes && char > "\x7f") return undefined;
      result += char;
      continue;
    }
    const escape = body[at++] ?? "";
    const simple = ESCAPES[escape];
    if (simple !== undefined) {
      result += simple;
      continue;
    }
    const count = isBytes && escape !== "x" ? undefined : DIGITS[escape];
    if (count === undefined) return undefined;
    const digits = body.slice(at, at + count);
    const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === count
      ? Number.parseInt(digits, 16)
      : Infinity;
    if (code > 0x10ffff) return undefined;
    result += String.fromCodePoint(code);
    at += count;
  }
  return result;
}
