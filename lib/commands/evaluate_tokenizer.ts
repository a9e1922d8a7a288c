/**
 * `evaluate-tokenizer`: how well tokenizers fit a text.
 *
 * @module
 */

import { splitDocuments } from "../dataset/documents.ts";
import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { type InputFile, listTextFiles, totalSize } from "../input_files.ts";
import {
  reportTokenizer,
  type TokenizerReport,
} from "../dataset/tokenizer_report.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import type { Command } from "./shared/command.ts";
import {
  integer,
  requiredText,
  text,
  TEXT_INPUT,
  THREADS,
  UsageError,
} from "./shared/options.ts";
import type { Output } from "./shared/output.ts";
import { table } from "./shared/table.ts";
import {
  readTokenizerFile,
  type TokenizerFile,
} from "./shared/tokenizer_files.ts";
import { usefulThreads } from "./shared/useful_threads.ts";

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
    const { files } = await listTextFiles(values.input);
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
    for (const line of table(rowsOf(tokenizers, reports))) output.print(line);
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
      tokenizers: tokenizers.map((file, i) => resultOf(file, reports[i])),
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
  files: readonly InputFile[],
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

/** A tokenizer's figures, as a line of the table. */
function rowsOf(
  tokenizers: readonly TokenizerFile[],
  reports: readonly TokenizerReport[],
): string[][] {
  return [
    [
      "",
      "ids",
      "tokens",
      "tokens/word",
      "tokens/byte",
      "unknown",
      "unused ids",
      "longest",
      "MB/s",
    ],
    ...tokenizers.map((file, i) => {
      const result = resultOf(file, reports[i]);
      const [longest] = result.longestTokens;
      return [
        file.path,
        String(result.vocabSize),
        String(result.tokens),
        result.tokensPerWord.toFixed(3),
        result.tokensPerByte.toFixed(4),
        String(result.unknownTokens),
        String(result.unusedIds),
        longest === undefined ? "" : `${longest.bytes} bytes`,
        result.mbPerSecond.toFixed(1),
      ];
    }),
  ];
}

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
