/**
 * `evaluate-tokenizer`: how well tokenizers fit a text.
 *
 * @module
 */

import { splitDocuments } from "../dataset/documents.ts";
import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import type { TextFile } from "../corpus/documents/text_files.ts";
import { totalSize } from "../input_files.ts";
import { openTexts } from "../stages/text_input.ts";
import {
  reportTokenizer,
  type TokenizerReport,
} from "../dataset/tokenizer_report.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { usefulThreads } from "../workers.ts";
import type { Command } from "./shared/command.ts";
import {
  integer,
  requiredText,
  text,
  TEXT_INPUT,
  THREADS,
  UsageError,
} from "./shared/options.ts";
import { type Output, table } from "./shared/output.ts";
import {
  readTokenizerFile,
  type TokenizerFile,
} from "./shared/tokenizer_files.ts";

const options = {
  tokenizer: requiredText(
    "FILE",
    "the tokenizer, of any format that can be imported",
  ),
  input: requiredText("PATH", TEXT_INPUT),
  compare: text("FILE,...", "further tokenizers, of any of these formats"),
  longest: integer("how many of the longest tokens to show", {
    default: 10,
    max: 1000,
  }),
  ...THREADS,
};

/** The command. */
export const evaluateTokenizer: Command<typeof options> = {
  name: "evaluate-tokenizer",
  summary: "Measure how well tokenizers fit a text",
  options,
  examples: [
    "--tokenizer data/tokenizer.json --input data/held_out.txt",
    "--tokenizer data/a.json --input data/held_out --compare data/b.json,data/gpt2",
  ],
  notes:
    "Words are what white space separates; bytes are those of the text as" +
    "\nit is read, so that tokenizers of different normalisers compare. Unused" +
    "\nids are those that this text never needs.",
  async run(values, output) {
    const paths = [values.tokenizer, ...comparedOf(values.compare)];
    const tokenizers: TokenizerFile[] = [];
    for (const path of paths) tokenizers.push(await readTokenizerFile(path));
    const { files } = await openTexts({ input: values.input });
    const total = totalSize(files);
    const threads = values.threads ?? usefulThreads(total);
    const reports: TokenizerReport[] = [];
    for (const file of tokenizers) {
      for (const note of file.notes) output.note(`${file.path}: ${note}`);
      const { longest } = values;
      reports.push(
        await report(file, files, { total, threads, longest }, output),
      );
    }
    const [{ documents, words, bytes }] = reports;
    output.print(
      `${values.input}: ${documents} documents, ${words} words, ${bytes} bytes`,
    );
    const results = tokenizers.map((file, i) => resultOf(file, reports[i]));
    const rows = results.map((result) =>
      Object.values(COLUMNS).map((column) => String(column(result)))
    );
    for (const line of table([Object.keys(COLUMNS), ...rows])) {
      output.print(line);
    }
    const [{ longestTokens }] = reports;
    if (longestTokens.length > 0) {
      output.print(`Longest tokens of ${tokenizers[0].path}:`);
      const rows = longestTokens.map(({ text, id, bytes, uses }) => [
        `  ${JSON.stringify(text)}`,
        `id ${id}`,
        `${bytes} bytes`,
        `used ${uses} times`,
      ]);
      for (const line of table(rows)) output.print(line);
    }
    return {
      input: values.input,
      files: files.length,
      documents,
      words,
      bytes,
      tokenizers: results,
    };
  },
};

function comparedOf(given: string | undefined): string[] {
  if (given === undefined) return [];
  const paths = given.split(",");
  if (paths.includes("")) {
    throw new UsageError("--compare takes files with a comma between them");
  }
  return paths;
}

async function report(
  { vocab, path }: TokenizerFile,
  files: readonly TextFile[],
  { total, ...options }: { total: number; threads: number; longest: number },
  output: Output,
): Promise<TokenizerReport> {
  using progress = output.progress(`Encoding with ${path}`);
  return await reportTokenizer(
    splitDocuments(readTextChunks(files)),
    tokenizerOf(vocab),
    { ...options, onProgress: (bytes) => progress.update(bytes, total) },
  );
}

/** The table's columns. */
const COLUMNS: Record<string, (result: Result) => string | number> = {
  "": (result) => result.tokenizer,
  ids: (result) => result.vocabSize,
  tokens: (result) => result.tokens,
  "tokens/word": (result) => result.tokensPerWord.toFixed(3),
  "tokens/byte": (result) => result.tokensPerByte.toFixed(4),
  unknown: (result) => result.unknownTokens,
  "unused ids": (result) => result.unusedIds,
  longest: ({ longestTokens: [longest] }) =>
    longest === undefined ? "" : `${longest.bytes} bytes`,
  "MB/s": (result) => result.mbPerSecond.toFixed(1),
};

type Result = ReturnType<typeof resultOf>;

function resultOf(
  { path, format, vocab, notes }: TokenizerFile,
  { tokens, words, bytes, seconds, ...figures }: TokenizerReport,
) {
  const { unknownTokens, unusedIds, longestTokens } = figures;
  return {
    tokenizer: path,
    format,
    vocabSize: vocab.size,
    tokens,
    tokensPerWord: tokens / words,
    tokensPerByte: tokens / bytes,
    bytesPerToken: bytes / tokens,
    unknownTokens,
    unusedIds,
    longestTokens,
    seconds,
    mbPerSecond: bytes / 1e6 / seconds,
    notes,
  };
}
