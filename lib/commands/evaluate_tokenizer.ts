/**
 * `evaluate-tokenizer`: how well tokenizers fit a text.
 *
 * @module
 */

import {
  evaluateTokenizer as measure,
  type TokenizerFigures,
} from "../stages/evaluate_tokenizer.ts";
import { portuguese } from "./evaluate_tokenizer.pt.ts";
import type { Command } from "./shared/command.ts";
import { noteLeftOut } from "./shared/documents.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, sayError, t } from "./shared/language.ts";
import {
  integer,
  requiredText,
  stageValues,
  text,
  TEXT_INPUT,
  THREADS,
  UsageError,
} from "./shared/options.ts";
import { type Output, table } from "./shared/output.ts";

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
  portuguese,
  examples: [
    "--tokenizer data/tokenizer.json --input data/held_out.txt",
    "--tokenizer data/a.json --input data/held_out --compare data/b.json,data/gpt2",
  ],
  notes:
    "Words are what white space separates; bytes are those of the text as" +
    "\nit is read, so that tokenizers of different normalisers compare. Unused" +
    "\nids are those that this text never needs.",
  async run(values, output) {
    const compare = comparedOf(values.compare);
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("evaluate-tokenizer");
    const result = await unlessInterrupted(
      interrupt,
      measure({
        ...stageValues(values),
        compare,
        onFiles: (files) => noteLeftOut(files, output),
        signal: interrupt.signal,
        onProgress: ({ done, total, tokenizer }) =>
          progress.update(done, total, tokenizer),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    const { documents, words, bytes, tokenizers } = result;
    for (const { tokenizer, notes } of tokenizers) {
      for (const note of notes) {
        output.note(`${tokenizer}: ${sayError(note)}`);
      }
    }
    output.print(
      t`${values.input}: ${count(documents)} [document|documents], ${
        count(words)
      } [word|words], ${count(bytes)} [byte|bytes]`,
    );
    const rows = tokenizers.map((figures) =>
      Object.values(COLUMNS).map((column) => column(figures))
    );
    for (const line of table([Object.keys(COLUMNS).map(say), ...rows])) {
      output.print(line);
    }
    printLongest(tokenizers[0], output);
    return { ...result };
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

/** The table's columns. */
const COLUMNS: Readonly<Record<string, (figures: TokenizerFigures) => string>> =
  {
    "": ({ tokenizer }) => tokenizer,
    "ids": ({ vocabSize }) => count(vocabSize),
    "tokens": ({ tokens }) => count(tokens),
    "tokens/word": ({ tokensPerWord }) => decimals(tokensPerWord, 3),
    "tokens/byte": ({ tokensPerByte }) => decimals(tokensPerByte, 4),
    "unknown": ({ unknownTokens }) => count(unknownTokens),
    "unused ids": ({ unusedIds }) => count(unusedIds),
    "longest": ({ longestTokens: [longest] }) =>
      longest === undefined ? "" : t`${longest.bytes} [byte|bytes]`,
    "MB/s": ({ mbPerSecond }) => decimals(mbPerSecond, 1),
  };

function printLongest(
  { tokenizer, longestTokens }: TokenizerFigures,
  output: Output,
): void {
  if (longestTokens.length === 0) return;
  output.print(t`Longest tokens of ${tokenizer}:`);
  const rows = longestTokens.map(({ text, id, bytes, uses }) => [
    `  ${JSON.stringify(text)}`,
    t`id ${id}`,
    t`${bytes} [byte|bytes]`,
    t`used ${count(uses)} [time|times]`,
  ]);
  for (const line of table(rows)) output.print(line);
}
