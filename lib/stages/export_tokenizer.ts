/**
 * A vocabulary to another program's format.
 *
 * @module
 */

import {
  folderOf,
  type SignalOptions,
  withoutSlash,
  writeFileAtomic,
} from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { OutputSet } from "../output_set.ts";
import type { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import type { Exported } from "../tokenizer/interchange/exchange.ts";
import { toGpt2 } from "../tokenizer/interchange/gpt2.ts";
import { toHuggingFace } from "../tokenizer/interchange/hugging_face.ts";
import { toSentencePiece } from "../tokenizer/interchange/hugging_face_sentencepiece.ts";
import { toTiktoken } from "../tokenizer/interchange/tiktoken.ts";
import { SentencePieceVocab } from "../tokenizer/sentencepiece/sentencepiece_vocab.ts";
import { WorldVocab } from "../tokenizer/world/world_vocab.ts";
import { assertOptions, oneOf, type OptionKinds } from "../option_kinds.ts";
import { placeIn, readTokenizerFile } from "./tokenizer_files.ts";
import { assertTokenizerReplaceable } from "./written_files.ts";

/** The formats that `exportTokenizer()` writes. */
export const TOKENIZER_FORMATS = ["hf", "tiktoken", "gpt2"] as const;

/** One of {@linkcode TOKENIZER_FORMATS}. */
export type TokenizerFormat = typeof TOKENIZER_FORMATS[number];

/** What each format makes of a vocabulary of byte pairs. */
const WRITERS: Record<TokenizerFormat, (vocab: BPEVocab) => Exported> = {
  hf: toHuggingFace,
  tiktoken: toTiktoken,
  gpt2: toGpt2,
};

/** What `exportTokenizer()` is to do. */
export interface ExportTokenizerOptions extends SignalOptions {
  /** The `tokenizer.json`, or its folder. */
  readonly tokenizer: string;
  /** `hf` is Hugging Face's, `tiktoken` its ranks, `gpt2` GPT-2's two files. */
  readonly format: TokenizerFormat;
  /** The file, or the folder for it; for `gpt2` the folder. */
  readonly output: string;
}

/** What its options are. */
const OPTIONS: OptionKinds<ExportTokenizerOptions> = {
  tokenizer: "text",
  format: { ...oneOf(TOKENIZER_FORMATS), isRequired: true },
  output: "text",
  signal: "signal?",
};

/** What `exportTokenizer()` made. */
export interface ExportTokenizerResult {
  /** The file that was read. */
  readonly tokenizer: string;
  /** As asked for. */
  readonly format: TokenizerFormat;
  /** The files that were written. */
  readonly files: readonly string[];
  /** Ids in all. */
  readonly vocabSize: number;
  /** Pairs that were learnt; 0 where the kind has none. */
  readonly merges: number;
  /** What the format cannot say, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Writes a tokenizer for other programs.
 *
 * @param options The tokenizer, the format, and where it goes.
 * @throws {Error} When something cannot be read or written, or is no tokenizer;
 * then with the command that takes it.
 * @throws {RangeError} When the format would give other ids.
 *
 * @example
 * ```ts
 * import { exportTokenizer } from "./export_tokenizer.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir(), output = `${folder}/hf`;
 * const bytes = new TextEncoder().encode("o dia, o dia\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const tokenizer = `${folder}/tokenizer.json`;
 * await writeVocab(tokenizer, vocab);
 * const { files } = await exportTokenizer({ tokenizer, format: "hf", output });
 * const { model } = JSON.parse(await Deno.readTextFile(files[0]));
 * assertEquals(model.type, "BPE");
 * ```
 */
export async function exportTokenizer(
  options: ExportTokenizerOptions,
): Promise<ExportTokenizerResult> {
  assertOptions("export a tokenizer", options, OPTIONS);
  const { tokenizer, format, output, signal } = options;
  const { vocab, path } = await readTokenizerFile(tokenizer);
  if (vocab instanceof WorldVocab) {
    throw new RangeError(
      `Cannot export to ${format}: a vocabulary of longest matches has no merges`,
    );
  }
  const { files, notes } = written(vocab, format);
  // Where there is more than one file, it is their folder that is given.
  const [first] = files;
  const only = files.length === 1 && await placeIn(output, first.name);
  const folder = only ? folderOf(only) : withoutSlash(output);
  const paths = only ? [only] : files.map(({ name }) => `${folder}/${name}`);
  await using _lock = await lockFolder(folder);
  await using staging = new OutputSet(folder);
  for (const [i, { content }] of files.entries()) {
    await assertTokenizerReplaceable(paths[i], { content, read: [path] });
    await writeFileAtomic(paths[i], content, { staging });
  }
  signal?.throwIfAborted();
  await staging.commit();
  return {
    tokenizer: path,
    format,
    files: paths,
    vocabSize: vocab.size,
    merges: vocab.merges.length,
    notes,
  };
}

function written(
  vocab: BPEVocab | SentencePieceVocab,
  format: TokenizerFormat,
): Exported {
  if (!(vocab instanceof SentencePieceVocab)) return WRITERS[format](vocab);
  if (format === "hf") return toSentencePiece(vocab);
  throw new RangeError(
    `Cannot export to ${format}: the format has no merges of characters, ` +
      "which Hugging Face's has",
  );
}
