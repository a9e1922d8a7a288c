/**
 * `inspect-dataset`: what a dataset holds.
 *
 * @module
 */

import {
  type DatasetPart,
  inspectDataset as inspect,
  type InspectDatasetResult,
} from "../stages/inspect_dataset.ts";
import { portuguese } from "./inspect_dataset.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, t } from "./shared/language.ts";
import {
  integer,
  requiredText,
  SEED,
  stageValues,
  text,
} from "./shared/options.ts";
import { type Output, table } from "./shared/output.ts";

const options = {
  data: requiredText("FOLDER", "what tokenize wrote, or a single token file"),
  tokenizer: text("FILE", "its tokenizer.json (default: the one beside it)"),
  samples: integer("beginnings of documents to show, of each part", {
    default: 3,
    max: 1000,
  }),
  ...SEED,
};

/** The command. */
export const inspectDataset: Command<typeof options> = {
  name: "inspect-dataset",
  summary: "Show what a dataset holds",
  options,
  portuguese,
  examples: [
    "--data data/tokenized",
    "--data data/tokenized/train.bin --tokenizer data/tokenizer.json --samples 10",
  ],
  notes:
    "Every token is read and checked against the vocabulary. Tokens a word" +
    "\nand bytes a token leave the framing out. --seed chooses the samples.",
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("inspect-dataset");
    const result = await unlessInterrupted(
      interrupt,
      inspect({
        ...stageValues(values),
        signal: interrupt.signal,
        onProgress: ({ done, total, part }) =>
          progress.update(done, total, part),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    noteDifferences(result, output);
    output.print(
      t`${values.data}: tokens of ${count(result.vocabSize)} [id|ids]`,
    );
    printParts(result, output);
    return { ...result };
  },
};

function noteDifferences(
  { differences }: InspectDatasetResult,
  output: Output,
): void {
  for (const { path, figure, ...numbers } of differences) {
    const counted = count(numbers.counted);
    const described = count(numbers.described);
    output.note(
      figure === "documents"
        ? t`${path} has ${counted} [document|documents], dataset.json says ${described}`
        : t`${path} has ${counted} [byte|bytes], dataset.json says ${described}`,
    );
  }
}

/** The table's columns. */
const COLUMNS: Readonly<Record<string, (part: DatasetPart) => string>> = {
  "tokens": ({ tokens }) => count(tokens),
  "documents": ({ documents }) => count(documents),
  "bytes": ({ bytes }) => count(bytes),
  "words": ({ words }) => count(words),
  "tokens/word": ({ tokensPerWord }) => decimals(tokensPerWord, 3),
  "bytes/token": ({ bytesPerToken }) => decimals(bytesPerToken, 3),
  "longest": ({ longestDocument }) => count(longestDocument),
  "unknown": ({ unknownTokens }) => count(unknownTokens),
  "unused ids": ({ unusedIds }) => count(unusedIds),
};

function printParts(
  { train, val }: InspectDatasetResult,
  output: Output,
): void {
  const parts = Object.entries({ train, ...val === undefined ? {} : { val } });
  const rows = parts.map(([name, part]) => [
    name,
    ...Object.values(COLUMNS).map((column) => column(part)),
  ]);
  const heads = ["", ...Object.keys(COLUMNS).map(say)];
  for (const line of table([heads, ...rows])) output.print(line);
  if (parts.some(([, { samples }]) => samples.length > 0)) {
    output.print(t`Samples, each with the place of its first token:`);
  }
  for (const [name, { samples }] of parts) {
    for (const { start, text } of samples) {
      output.print(`${name} ${start}: ${JSON.stringify(text)}`);
    }
  }
}
