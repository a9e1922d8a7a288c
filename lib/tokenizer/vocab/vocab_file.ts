/**
 * `tokenizer.json` on the disk: the only file of this folder that touches it.
 *
 * @module
 */

import { reasonOf, withoutSlash, writeFileAtomic } from "../../files.ts";
import { parseVocab } from "./any_tokenizer.ts";
import { BPEVocab } from "../bpe/bpe_vocab.ts";
import type { Vocab } from "../tokenizer.ts";
import type { WorldVocab } from "../world/world_vocab.ts";

/** No vocabulary of 65,536 tokens comes near this, in bytes. */
const MAX_FILE_SIZE = 2 ** 26;

/**
 * Reads a vocabulary file of merges.
 *
 * @param path The file, ours or the original program's, or the folder that
 * holds it as `tokenizer.json`.
 * @throws {Error} When the file cannot be read.
 * @throws {SyntaxError} When it is not a vocabulary, or one of another kind.
 *
 * @example
 * ```ts
 * import { readVocab, writeVocab } from "./vocab_file.ts";
 * import { BPETrainer } from "../bpe/bpe_trainer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim e sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const path = await Deno.makeTempDir() + "/tokenizer.json";
 * await writeVocab(path, vocab);
 * assertEquals((await readVocab(path)).toString(), vocab.toString());
 * ```
 */
export async function readVocab(path: string): Promise<BPEVocab> {
  return await readAs(path, (text) => BPEVocab.parse(text));
}

/**
 * Reads a vocabulary file of either kind.
 *
 * @param path As {@linkcode readVocab} takes it, or the text that a World
 * vocabulary is published as.
 * @throws {Error} When the file cannot be read.
 * @throws {SyntaxError} When it is not a vocabulary.
 */
export async function readAnyVocab(
  path: string,
): Promise<BPEVocab | WorldVocab> {
  return await readAs(path, parseVocab);
}

async function readAs<V>(
  path: string,
  parse: (text: string) => V,
): Promise<V> {
  let text: string;
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory) {
      path = `${withoutSlash(path)}/tokenizer.json`;
    }
    const { size } = await Deno.stat(path);
    if (size > MAX_FILE_SIZE) throw new Error("it is too large");
    text = await Deno.readTextFile(path);
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
 */
export async function writeVocab(path: string, vocab: Vocab): Promise<void> {
  await writeFileAtomic(path, vocab.toString());
}
