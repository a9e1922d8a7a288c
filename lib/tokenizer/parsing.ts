/**
 * What all readers of vocabularies from anywhere check alike.
 *
 * @module
 */

/** What is wrong with a file from outside. */
export function malformed(reason: string): SyntaxError {
  return new SyntaxError(`Cannot read a tokenizer: ${reason}`);
}

/** Lists and objects within one another; published files have eight. */
const DEEPEST = 64;

/**
 * Parses JSON, or throws the reason given. What is nested deeply is refused
 * before anything is built of it.
 */
export function parseJson(text: string, reason = "it is not JSON"): unknown {
  if (depthOf(text) > DEEPEST) {
    throw malformed(`it is nested deeper than ${DEEPEST}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(reason);
  }
}

/** How deep the brackets of a text go; of what is no JSON, up to its end. */
function depthOf(text: string): number {
  let depth = 0, deepest = 0;
  for (const [part] of text.matchAll(/"(?:\\.|[^"\\])*"?|[[\]{}]/gs)) {
    if (part === "[" || part === "{") deepest = Math.max(deepest, ++depth);
    else if (part === "]" || part === "}") depth--;
    if (deepest > DEEPEST) break;
  }
  return deepest;
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks that a value, by its name for messages, is a JSON object. */
export function record(value: unknown, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw malformed(`${name} is not a JSON object`);
  return value;
}

/** Checks that a value, by its name for messages, is a list. */
export function arrayOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw malformed(`"${name}" is not a list`);
  return value;
}

/** The bytes of an id, as `id_to_token` has them. */
export function tokenOf(value: unknown, id: number): Uint8Array {
  const bytes = arrayOf(value, `id_to_token[${id}]`);
  if (bytes.every((byte) => isWhole(byte, 256))) return Uint8Array.from(bytes);
  throw malformed(`id_to_token[${id}] is not a list of bytes`);
}

/** Whether a value is a whole number from 0 on. */
export function isWhole(value: unknown, below: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 &&
    (value as number) < below;
}

/** A string of a character a byte, for looking bytes up. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Whether UTF-8 ever has a byte: GPT-NeoX has no tokens for the others. */
export function isInUtf8(byte: number): boolean {
  return byte < 0xf5 && byte !== 0xc0 && byte !== 0xc1;
}

/**
 * The id of each single byte, of ids by {@linkcode latin1}.
 *
 * @throws {SyntaxError} When a byte of UTF-8 has none.
 */
export function byteIdsOf(
  ids: ReadonlyMap<string, number>,
): (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const id = ids.get(String.fromCharCode(byte));
    if (id === undefined && isInUtf8(byte)) {
      throw malformed(`byte ${byte} has no token`);
    }
    return id;
  });
}

/** What is wrong with a byte that a vocabulary has no token for. */
export function unknownByte(byte: number): RangeError {
  return new RangeError(
    `Cannot encode byte ${byte}, which is not UTF-8: the tokenizer has no ` +
      "token for it",
  );
}
