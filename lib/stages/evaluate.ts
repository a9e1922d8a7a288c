/**
 * How well a model predicts a text or a dataset.
 *
 * @module
 */

import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import { type Batch, sequentialBatches } from "../dataset/data_loader.ts";
import { splitDocuments } from "../dataset/documents.ts";
import { type OpenDataset, openDataset } from "../dataset/open_dataset.ts";
import type { SplitName } from "../dataset/split.ts";
import type { TokenSequence } from "../dataset/windows.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { type Evaluation, Evaluator } from "../train/evaluate.ts";
import { EventTurns } from "../turns.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import {
  assertDataset,
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  openModel,
} from "./model_files.ts";
import type { Progress } from "./stage.ts";
import { openTexts, type TextInput } from "./text_input.ts";

/** How far `evaluate()` is, in tokens. */
export interface EvaluateProgress extends Progress {
  /** Whether text is made tokens, or those are predicted. */
  readonly phase: "reading" | "predicting";
}

/** What `evaluate()` is to do. */
export interface EvaluateOptions
  extends
    ComputingOptions<EvaluateProgress>,
    ModelFiles,
    Pick<TextInput, "documents" | "onFiles"> {
  /** A dataset, whose `val.bin` is used where it has one; or a token file. */
  readonly data?: string;
  /** Instead of `data`: a text file, or a folder of text files. */
  readonly input?: string;
  /** Windows at a time; 2 unless given. */
  readonly batchSize?: number;
  /** Tokens of a window; the model's unless given. */
  readonly seqLen?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<EvaluateOptions> = {
  ...MODEL_KINDS,
  backend: "backend?",
  data: "text?",
  input: "text?",
  documents: "text?",
  onFiles: "function?",
  batchSize: wholeFrom(1, 65_536),
  seqLen: wholeFrom(1, 65_536),
  signal: "signal?",
  onProgress: "function?",
};

/** What `evaluate()` found. */
export interface EvaluateResult extends Evaluation {
  /**
   * The part of a dataset that was predicted: what is held out, or `train` where
   * nothing is; absent of other tokens and of text.
   */
  readonly part?: SplitName;
  /** Tokens predicted a second. */
  readonly tokensPerSecond: number;
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Predicts each token once, from the tokens before it in its window.
 *
 * @param options The model, and the dataset or text.
 * @returns Loss, perplexity and bits per byte; the last compare models with
 * different tokenizers.
 * @throws {Error} When a file cannot be read, or there is no text; the reason of
 * the signal when it is aborted.
 *
 * @example
 * ```ts
 * import { evaluate } from "./evaluate.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => evaluate({ model: "checkpoints/mine" }),
 *   TypeError,
 *   "data or input, one of them",
 * );
 * ```
 */
export async function evaluate(
  options: EvaluateOptions,
): Promise<EvaluateResult> {
  assertOptions("evaluate", options, OPTIONS);
  const { data, input, signal, onProgress } = options;
  if ((data === undefined) === (input === undefined)) {
    throw new TypeError("Cannot evaluate: give data or input, one of them");
  }
  await assertModel(options.model);
  if (data !== undefined) {
    await assertDataset(data);
  }
  const texts = input === undefined
    ? undefined
    : await openTexts({ input, documents: options.documents });
  if (texts !== undefined) options.onFiles?.(texts);
  using used = await useBackend(options.backend);
  const { backend } = used;
  const { model, tokenizer } = await openModel(options, backend);
  using dataset = data === undefined
    ? undefined
    : await openDataset(data, tokenizer.vocab);
  const tokens = dataset
    ? dataset.val ?? dataset.train
    : await encodeFiles(input!, texts!, tokenizer, options);
  const start = performance.now();
  const batches = sequentialBatches(tokens, {
    batchSize: options.batchSize ?? 2,
    contextLength: options.seqLen ?? model.config.maxSeqLen,
  });
  const result = await new Evaluator(model).evaluate(
    counted(batches, tokens.length, onProgress),
    tokenizer.byteLengths(),
    { signal },
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    ...result,
    part: dataset && partOf(dataset),
    tokensPerSecond: result.tokens / seconds,
    backend: backend.description,
  };
}

/** The part of a dataset that is predicted; undefined of a single file. */
function partOf({ train, val }: OpenDataset): SplitName | undefined {
  if (val !== undefined) return "val";
  return /(?:^|[/\\])train\.bin$/.test(train.path) ? "train" : undefined;
}

/** All documents, framed as in a dataset. */
async function encodeFiles(
  path: string,
  { files }: TextFiles,
  tokenizer: Tokenizer,
  { signal, onProgress }: EvaluateOptions,
): Promise<TokenSequence> {
  const { vocab } = tokenizer;
  const start = vocab.specialId("[BOS]"), end = vocab.specialId("[EOS]");
  const turns = new EventTurns();
  let tokens = new Uint16Array(2 ** 16), length = 0;
  for await (const { text } of splitDocuments(readTextChunks(files))) {
    await turns.next();
    signal?.throwIfAborted();
    const ids = tokenizer.encode(text);
    if (length + ids.length + 2 > tokens.length) {
      const larger = new Uint16Array(2 * (length + ids.length + 2));
      larger.set(tokens.subarray(0, length));
      tokens = larger;
    }
    if (start !== end || length === 0) tokens[length++] = start;
    tokens.set(ids, length);
    length += ids.length;
    tokens[length++] = end;
    onProgress?.({ phase: "reading", done: length, total: 0 });
  }
  if (length === 0) throw new Error("Cannot evaluate: there is no text");
  return {
    path,
    length,
    read: (from: number, into: Uint16Array) =>
      into.set(tokens.subarray(from, from + into.length)),
  };
}

function* counted(
  batches: Iterable<Batch>,
  total: number,
  onProgress: EvaluateOptions["onProgress"],
): Generator<Batch> {
  let done = 0;
  for (const batch of batches) {
    onProgress?.({ phase: "predicting", done, total });
    yield batch;
    done += batch.inputs.length;
  }
}
