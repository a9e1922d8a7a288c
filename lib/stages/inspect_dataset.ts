/**
 * What a dataset holds.
 *
 * @module
 */

import type { SplitInfo } from "../dataset/dataset_info.ts";
import { openDataset } from "../dataset/open_dataset.ts";
import {
  countTokens,
  sampleTokens,
  type TokenSample,
  type TokenStatistics,
} from "../dataset/token_statistics.ts";
import { identityOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import {
  assertOptions,
  type OptionKinds,
  SEED,
  wholeFrom,
} from "../option_kinds.ts";
import { assertDataset, openVocab } from "./model_files.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";

/** How far `inspectDataset()` is, in tokens of all parts. */
export interface InspectDatasetProgress extends Progress {
  /** Which part is counted. */
  readonly part: "train" | "val";
}

/** What `inspectDataset()` is to do. */
export interface InspectDatasetOptions
  extends StageOptions<InspectDatasetProgress> {
  /** What `tokenize()` wrote, or a single token file. */
  readonly data: string;
  /** Its `tokenizer.json`; that beside it unless given. */
  readonly tokenizer?: string;
  /** How many beginnings of documents to decode, of each part; 3 unless given. */
  readonly samples?: number;
  /** What chooses them; 42 unless given. */
  readonly seed?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<InspectDatasetOptions> = {
  data: "text",
  tokenizer: "text?",
  samples: wholeFrom(0),
  seed: SEED,
  ...STAGE_KINDS,
};

/** What a part of a dataset holds. */
export interface DatasetPart {
  /** All tokens. */
  readonly tokens: number;
  /** Documents, as many as there are [BOS]. */
  readonly documents: number;
  /** Bytes of text that the tokens stand for. */
  readonly bytes: number;
  /** Runs without white space in that text. */
  readonly words: number;
  /** Framing left out. */
  readonly tokensPerWord: number;
  /** Framing left out. */
  readonly bytesPerToken: number;
  /** Text tokens of the longest document. */
  readonly longestDocument: number;
  /** Tokens that stand for what has none: those of [UNK]. */
  readonly unknownTokens: number;
  /** Ids that do not occur, special tokens left out. */
  readonly unusedIds: number;
  /** Some documents' beginnings. */
  readonly samples: readonly TokenSample[];
}

/** A figure of `dataset.json` that is another in the token file. */
export interface DatasetDifference {
  /** The token file. */
  readonly path: string;
  /** What was counted. */
  readonly figure: "documents" | "bytes";
  /** How many the token file has. */
  readonly counted: number;
  /** How many `dataset.json` says. */
  readonly described: number;
}

/** What `inspectDataset()` found. */
export interface InspectDatasetResult {
  /** The dataset. */
  readonly data: string;
  /** SHA-256 of the tokenizer. */
  readonly tokenizer: string;
  /** How many ids that has. */
  readonly vocabSize: number;
  /** What to train on. */
  readonly train: DatasetPart;
  /** What is held out, where something is. */
  readonly val?: DatasetPart;
  /** Where `dataset.json` counts otherwise, which need not stop anybody. */
  readonly differences: readonly DatasetDifference[];
}

/**
 * Reads every token of a dataset, checks it against the vocabulary, and counts.
 *
 * @param options The dataset, and how much of its text to show.
 * @returns The figures of its parts.
 * @throws {Error} When a file cannot be read or is of another kind, or the
 * dataset was made with another tokenizer; the reason of the signal when it is
 * aborted.
 *
 * @example
 * ```ts
 * import { inspectDataset } from "./inspect_dataset.ts";
 * import { tokenize } from "./tokenize.ts";
 * import { trainTokenizer } from "./train_tokenizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const input = `${folder}/a.txt`;
 * await Deno.writeTextFile(input, "Um dia.\nE outro.\n\nE mais um.\n");
 * const tokenizer = `${folder}/tokenizer.json`;
 * await trainTokenizer({ corpus: input, output: tokenizer, vocabSize: 270 });
 * const data = `${folder}/tokens`;
 * await tokenize({ input, output: data, tokenizer });
 * const { train, val } = await inspectDataset({ data });
 * assertEquals(train.documents + val!.documents, 2);
 * assertEquals(train.words + val!.words, 7);
 * ```
 */
export async function inspectDataset(
  options: InspectDatasetOptions,
): Promise<InspectDatasetResult> {
  assertOptions("inspect a dataset", options, OPTIONS);
  const { data, tokenizer: path, samples: count = 3, seed = 42 } = options;
  const { signal, onProgress } = options;
  await assertDataset(data);
  const vocab = await openVocab(path, data);
  const tokenizer = tokenizerOf(vocab);
  using dataset = await openDataset(data, vocab);
  const total = dataset.train.length + (dataset.val?.length ?? 0);
  const parts: { train?: DatasetPart; val?: DatasetPart } = {};
  const differences: DatasetDifference[] = [];
  let before = 0;
  for (const part of ["train", "val"] as const) {
    const tokens = dataset[part];
    if (tokens === undefined) continue;
    const found = await countTokens(tokens, tokenizer, {
      signal,
      onProgress: (done) => onProgress?.({ done: before + done, total, part }),
    });
    before += tokens.length;
    differences.push(
      ...differencesOf(tokens.path, found, dataset.info?.[part]),
    );
    parts[part] = {
      ...figuresOf(found, tokenizer),
      samples: sampleTokens(tokens, tokenizer, { count, seed }),
    };
  }
  return {
    data,
    tokenizer: await identityOf(vocab),
    vocabSize: vocab.size,
    train: parts.train!,
    ...parts.val === undefined ? {} : { val: parts.val },
    differences,
  };
}

function differencesOf(
  path: string,
  found: TokenStatistics,
  info: SplitInfo | undefined,
): DatasetDifference[] {
  if (info === undefined) return [];
  return (["documents", "bytes"] as const)
    .filter((figure) => info[figure] !== found[figure])
    .map((figure) => ({
      path,
      figure,
      counted: found[figure],
      described: info[figure],
    }));
}

function figuresOf(
  { tokens, textTokens, documents, bytes, words, longestDocument, uses }:
    TokenStatistics,
  { vocab }: Tokenizer,
): Omit<DatasetPart, "samples"> {
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
