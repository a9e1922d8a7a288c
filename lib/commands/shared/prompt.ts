/**
 * The start of a text, as a flag gives it.
 *
 * @module
 */

import { t } from "./language.ts";
import type { Output } from "./output.ts";

/** Most bytes of a prompt that is piped in. */
const MOST_BYTES = 2 ** 20;

/**
 * Reads a prompt.
 *
 * @param given `-` for what is piped in, without the line end that closes it;
 * else the prompt itself.
 * @param options Where it is said that somebody has to type; and what is read,
 * stdin unless given.
 * @throws {SyntaxError} When what is piped in is not UTF-8.
 * @throws {RangeError} When it is larger than 1 MiB.
 *
 * @example
 * ```ts
 * import { readPrompt } from "./prompt.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await readPrompt("O rio"), "O rio");
 * const piped = new Blob(["Era uma vez\n"]).stream();
 * assertEquals(await readPrompt("-", { source: piped }), "Era uma vez");
 * ```
 */
export async function readPrompt(
  given: string,
  { output, source = Deno.stdin.readable }: {
    readonly output?: Output;
    readonly source?: ReadableStream<Uint8Array>;
  } = {},
): Promise<string> {
  if (given !== "-") return given;
  if (output !== undefined && Deno.stdin.isTerminal()) {
    output.note(t`Type the prompt and end it with Ctrl-D`);
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "", bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) {
        throw new RangeError(
          `Cannot read the prompt: it is longer than ${MOST_BYTES} bytes`,
        );
      }
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SyntaxError("Cannot read the prompt: it is not UTF-8 text");
  }
  return text.replace(/\r?\n$/, "");
}
