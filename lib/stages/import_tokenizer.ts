/**
 * Another program's vocabulary to ours.
 *
 * @module
 */

import { folderOf, type SignalOptions } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import type { TokenizerOptions } from "../tokenizer/interchange/parse_tokenizer.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
import {
  assertOptions,
  instanceOf,
  type OptionKinds,
} from "../option_kinds.ts";
import {
  placeIn,
  readTokenizerFile,
  type TokenizerFile,
} from "./tokenizer_files.ts";
import { assertTokenizerReplaceable } from "./written_files.ts";

/** What `importTokenizer()` is to do. */
export interface ImportTokenizerOptions
  extends TokenizerOptions, SignalOptions {
  /** The file, either of GPT-2's two, or their folder. */
  readonly input: string;
  /** The `tokenizer.json` to write, or the folder for it. */
  readonly output: string;
}

/** What its options are. */
const OPTIONS: OptionKinds<ImportTokenizerOptions> = {
  input: "text",
  output: "text",
  specialTokens: instanceOf(Map, "a Map"),
  bos: "text?",
  eos: "text?",
  signal: "signal?",
};

/** What `importTokenizer()` made. */
export interface ImportTokenizerResult
  extends Pick<TokenizerFile, "format" | "notes"> {
  /** The file that was read. */
  readonly input: string;
  /** The file that was written. */
  readonly tokenizer: string;
  /** SHA-256 of the tokenizer. */
  readonly sha256: string;
  /** Ids in all. */
  readonly vocabSize: number;
  /** Pairs that were learnt; 0 where the kind has none. */
  readonly merges: number;
  /** Ids by name. */
  readonly specialTokens: Readonly<Record<string, number>>;
}

/**
 * Reads a tokenizer of Hugging Face, tiktoken, GPT-2, RWKV's World models or
 * the original Rust program, and writes it as ours with the ids that it has.
 *
 * @param options The file, where its like of ours goes, and what it may not say.
 * @throws {Error} When it cannot be read or written, or is something else; then
 * with the command that takes it.
 * @throws {SyntaxError} When it is no tokenizer that gives the same ids here.
 * @throws {RangeError} When it has no special token of a name asked for.
 *
 * @example
 * ```ts
 * import { importTokenizer } from "./import_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir(), input = `${folder}/a.tiktoken`;
 * const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
 * const ranks = bytes.map((byte, id) => `${byte.toBase64()} ${id}\n`);
 * await Deno.writeTextFile(input, ranks.join(""));
 * const specialTokens = new Map([["<|endoftext|>", 256]]);
 * const result = await importTokenizer({ input, output: folder, specialTokens });
 * assertEquals([result.format, result.vocabSize], ["tiktoken", 257]);
 * assertEquals(result.specialTokens["[EOS]"], 256);
 * ```
 */
export async function importTokenizer(
  given: ImportTokenizerOptions,
): Promise<ImportTokenizerResult> {
  assertOptions("import a tokenizer", given, OPTIONS);
  const { input, output, signal, ...options } = given;
  const { vocab, notes, format, path } = await readTokenizerFile(
    input,
    options,
  );
  const tokenizer = await placeIn(output, "tokenizer.json");
  await using _lock = await lockFolder(folderOf(tokenizer));
  await assertTokenizerReplaceable(tokenizer, {
    content: vocab.toString(),
    read: [path],
  });
  signal?.throwIfAborted();
  await writeVocab(tokenizer, vocab);
  return {
    input: path,
    format,
    tokenizer,
    sha256: await identityOf(vocab),
    vocabSize: vocab.size,
    merges: "merges" in vocab ? vocab.merges.length : 0,
    specialTokens: Object.fromEntries(vocab.specialTokens),
    notes,
  };
}
