/**
 * Many prompts, as a file has them.
 *
 * @module
 */

import { cannotRead, MOST_TEXT, readBounded } from "../../files.ts";

/**
 * Reads a file of prompts.
 *
 * @param path A `.jsonl` file, each line an object whose `prompt` is one; of any
 * other file each line is one. Blank lines are none.
 * @throws {SyntaxError} When a line is no such object; it is named. Also when
 * the file is not UTF-8.
 * @throws {RangeError} When there is no prompt.
 * @throws {Error} When it cannot be read, or has more than 16 MiB.
 *
 * @example
 * ```ts
 * import { readPrompts } from "./prompts_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir() + "/a.jsonl";
 * await Deno.writeTextFile(path, '{"prompt": "Um\\nrio"}\n\n{"prompt": ""}\n');
 * assertEquals(await readPrompts(path), ["Um\nrio", ""]);
 * ```
 */
export async function readPrompts(path: string): Promise<readonly string[]> {
  const lines = (await textOf(path)).split(/\r?\n/);
  const isJson = /\.jsonl$/i.test(path);
  const prompts = lines.flatMap((line, i) =>
    line.trim() === "" ? [] : [isJson ? promptOf(line, path, i + 1) : line]
  );
  if (prompts.length > 0) return prompts;
  throw new RangeError(`Cannot read "${path}": it has no prompt`);
}

async function textOf(path: string): Promise<string> {
  const bytes = await readBounded(path, MOST_TEXT).catch((error) => {
    throw cannotRead(path, error);
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError(`Cannot read "${path}": it is not UTF-8 text`);
  }
}

function promptOf(line: string, path: string, number: number): string {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SyntaxError(`Cannot read "${path}": line ${number} is not JSON`);
  }
  if (typeof value?.prompt === "string") return value.prompt;
  throw new SyntaxError(
    `Cannot read "${path}": line ${number} is no object with a "prompt"`,
  );
}
