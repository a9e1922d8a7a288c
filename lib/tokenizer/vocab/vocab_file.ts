/**
 * Vocabulary files of any kind.
 *
 * @module
 */

import { type AnyVocab, parseVocab, tokenizerOf } from "./any_tokenizer.ts";
import { BPEVocab } from "../bpe/bpe_vocab.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { readVocabText } from "../vocab_text.ts";

export { writeVocab } from "../vocab_text.ts";

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
  return await readVocabText(path, (text) => BPEVocab.parse(text));
}

/**
 * Reads a vocabulary file of any kind.
 *
 * @param path As {@linkcode readVocab} takes it, or the text that a World
 * vocabulary is published as.
 * @throws {Error} When the file cannot be read.
 * @throws {SyntaxError} When it is not a vocabulary.
 */
export async function readAnyVocab(
  path: string,
): Promise<AnyVocab> {
  return await readVocabText(path, parseVocab);
}

/**
 * Makes the tokenizer of a vocabulary file of any kind.
 *
 * @param path As {@linkcode readAnyVocab} takes it.
 * @throws {Error} When the file cannot be read.
 * @throws {SyntaxError} When it is not a vocabulary.
 */
export async function openTokenizer(path: string): Promise<Tokenizer> {
  return tokenizerOf(await readAnyVocab(path));
}
