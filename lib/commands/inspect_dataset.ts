/**
 * `inspect-dataset`: what a dataset holds.
 *
 * @module
 */

import type { SplitInfo } from "../dataset/dataset_info.ts";
import type { MmapDataset } from "../dataset/mmap_dataset.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import {
  countTokens,
  sampleTokens,
  type TokenStatistics,
} from "../dataset/token_statistics.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { identityOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import type { Command } from "./shared/command.ts";
import { integer, requiredText, SEED, text } from "./shared/options.ts";
import { openVocab } from "../stages/model_files.ts";
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
  examples: [
    "--data data/tokenized",
    "--data data/tokenized/train.bin --tokenizer data/tokenizer.json --samples 10",
  ],
  notes:
    "Every token is read and checked against the vocabulary. Tokens a word" +
    "\nand bytes a token leave the framing out. --seed chooses the samples.",
  async run({ data, tokenizer: path, samples: count, seed }, output) {
    await refuseOtherKinds(data, "a dataset", ["dataset", "tokens"]);
    const vocab = await openVocab(path, data);
    const tokenizer = tokenizerOf(vocab);
    using dataset = await openDataset(data, vocab);
    const parts = (["train", "val"] as const).flatMap((name) => {
      const tokens = dataset[name];
      if (tokens === undefined) return [];
      const figures = countPart(tokens, tokenizer, output);
      checkCounts(tokens.path, figures, dataset.info?.[name], output);
      return {
        name,
        figures: summaryOf(figures, tokenizer),
        samples: sampleTokens(tokens, tokenizer, { count, seed }),
      };
    });
    output.print(`${data}: tokens of ${vocab.size} ids`);
    const columns = Object.keys(HEADS) as (keyof typeof HEADS)[];
    const rows = parts.map(({ name, figures }) => [
      name,
      ...columns.map((column) => shown(figures[column])),
    ]);
    const heads = ["", ...Object.values(HEADS)];
    for (const line of table([heads, ...rows])) output.print(line);
    for (const { name, samples } of parts) {
      for (const { start, text } of samples) {
        output.print(`${name} ${start}: ${JSON.stringify(text)}`);
      }
    }
    return {
      data,
      tokenizer: await identityOf(vocab),
      vocabSize: vocab.size,
      ...Object.fromEntries(parts.map(({ name, figures, samples }) => [
        name,
        { ...figures, samples },
      ])),
    };
  },
};

/** The heads of the figures' columns. */
const HEADS: Record<keyof ReturnType<typeof summaryOf>, string> = {
  tokens: "tokens",
  documents: "documents",
  bytes: "bytes",
  words: "words",
  tokensPerWord: "tokens/word",
  bytesPerToken: "bytes/token",
  longestDocument: "longest",
  unknownTokens: "unknown",
  unusedIds: "unused ids",
};

function countPart(
  tokens: MmapDataset,
  tokenizer: Tokenizer,
  output: Output,
): TokenStatistics {
  using progress = output.progress("Counting");
  return countTokens(tokens, tokenizer, (done) => {
    progress.update(done, tokens.length);
  });
}

/** Notes where dataset.json counts otherwise, which need not stop anybody. */
function checkCounts(
  path: string,
  figures: TokenStatistics,
  info: SplitInfo | undefined,
  output: Output,
): void {
  for (const key of ["documents", "bytes"] as const) {
    if (info !== undefined && info[key] !== figures[key]) {
      output.note(
        `${path} has ${figures[key]} ${key}, dataset.json says ${info[key]}`,
      );
    }
  }
}

function summaryOf(
  { tokens, textTokens, documents, bytes, words, longestDocument, uses }:
    TokenStatistics,
  { vocab }: Tokenizer,
) {
  const unknown = vocab.specialTokens.get("[UNK]");
  const special = new Set(vocab.specialTokens.values());
  return {
    tokens,
    documents,
    bytes,
    words,
    tokensPerWord: textTokens / words,
    bytesPerToken: bytes / textTokens,
    longestDocument,
    unknownTokens: unknown === undefined ? 0 : uses[unknown],
    unusedIds: uses.filter((count, id) => count === 0 && !special.has(id))
      .length,
  };
}

function shown(figure: number): string {
  return Number.isInteger(figure) ? String(figure) : figure.toFixed(3);
}
