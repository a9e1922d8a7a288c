/**
 * `tokenizer.json` on the disk: the only file of this folder that touches it.
 *
 * @module
 */

import {
  readTextOf,
  reasonOf,
  withoutSlash,
  writeFileAtomic,
  type WriteOptions,
} from "../files.ts";
import { providePlatform } from "../platform.ts";
import type { Vocab } from "./tokenizer.ts";

providePlatform({ vocabFiles: { read: readVocabText, write: writeVocab } });

/** No vocabulary of 65,536 tokens comes near this, in bytes. */
const MAX_FILE_SIZE = 2 ** 26;

/**
 * Reads a vocabulary file.
 *
 * @param path The file, or the folder that holds it as `tokenizer.json`.
 * @param parse Makes a vocabulary of its text.
 * @throws {Error} When the file cannot be read.
 * @throws {SyntaxError} When it is not a vocabulary.
 */
export async function readVocabText<V>(
  path: string,
  parse: (text: string) => V,
): Promise<V> {
  let text: string;
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) {
      path = `${withoutSlash(path)}/tokenizer.json`;
    }
    text = await readTextOf(path, MAX_FILE_SIZE);
  } catch (error) {
    throw new Error(`Cannot read tokenizer "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      error.message.replace("a tokenizer", () => `tokenizer "${path}"`),
    );
  }
}

/**
 * Writes a vocabulary file, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param options Who moves it there, where that is not to be done at once.
 */
export async function writeVocab(
  path: string,
  vocab: Pick<Vocab, "toString">,
  options: WriteOptions = {},
): Promise<void> {
  await writeFileAtomic(path, vocab.toString(), options);
}
