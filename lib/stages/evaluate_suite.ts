/**
 * How a model does at tasks: pairs of sentences of which one is right, last
 * words, and texts of its own.
 *
 * @module
 */

import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { splitDocuments } from "../dataset/documents.ts";
import { grammarPairs } from "../evaluation/pairs/grammar_pairs.ts";
import type { Accuracy } from "../evaluation/suite/accuracy.ts";
import { type Diversity, diversityOf } from "../evaluation/suite/diversity.ts";
import {
  type LastWordAccuracy,
  predictLastWords,
} from "../evaluation/suite/last_word.ts";
import { NgramModel } from "../evaluation/suite/ngram_model.ts";
import {
  type PairAccuracy,
  type PhenomenonAccuracy,
  scorePairs,
  tokensOfPairs,
} from "../evaluation/suite/pair_suite.ts";
import { ngramScorerOf, scorerOf } from "../evaluation/suite/scorers.ts";
import { readLastWords, readPairs } from "../evaluation/suite/suite_file.ts";
import { Generator } from "../generate/generator.ts";
import type { LoadedCheckpoint } from "../load_checkpoint.ts";
import {
  assertOptions,
  oneOf,
  type OptionKinds,
  SEED,
  wholeFrom,
} from "../option_kinds.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { EventTurns } from "../turns.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import {
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  openModel,
} from "./model_files.ts";
import type { Progress } from "./stage.ts";
import { openTexts } from "./text_input.ts";
import { withBreakers, WRITING } from "./writing.ts";

export type {
  Accuracy,
  Diversity,
  LastWordAccuracy,
  PairAccuracy,
  PhenomenonAccuracy,
};

/** What may be asked: see {@linkcode EvaluateSuiteOptions.suite}. */
export const SUITES = ["pairs", "calame", "lambada", "text"] as const;

/** One of them. */
export type SuiteName = typeof SUITES[number];

/** Tokens of the longest n-gram of the baseline. */
const NGRAM_ORDER = 3;

/** How far `evaluateSuite()` is, in tokens or tasks. */
export interface EvaluateSuiteProgress extends Progress {
  /** Whether the baselines learn, or the model is asked. */
  readonly phase: "learning" | "asking";
}

/** What `evaluateSuite()` is to do. */
export interface EvaluateSuiteOptions
  extends ComputingOptions<EvaluateSuiteProgress>, ModelFiles {
  /**
   * - `pairs`: whether it finds the right one of two sentences the likelier.
   * - `calame`, `lambada`: whether it finds the last word of texts.
   * - `text`: how much texts that it writes repeat themselves.
   */
  readonly suite: SuiteName;
  /**
   * The tasks, as `.jsonl` or parquet: other pairs than ours, or the texts whose
   * last word is asked for, which must be given. For `text`, text of people that
   * is measured beside the model's.
   */
  readonly suiteFile?: string;
  /** For `pairs`: text from which n-grams are counted, as baselines. */
  readonly learnFrom?: string;
  /** For `text`: how many to write; 20 unless given. */
  readonly texts?: number;
  /** For `text`: tokens of each at most; 200 unless given. */
  readonly maxTokens?: number;
  /** For `text`: of the first, the next ones follow; 42 unless given. */
  readonly seed?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<EvaluateSuiteOptions> = {
  ...MODEL_KINDS,
  backend: "backend?",
  suite: { ...oneOf(SUITES), isRequired: true },
  suiteFile: "text?",
  learnFrom: "text?",
  texts: wholeFrom(1, 1000),
  maxTokens: wholeFrom(1, 100_000),
  seed: SEED,
  signal: "signal?",
  onProgress: "function?",
};

/** What `evaluateSuite()` found. */
export interface EvaluateSuiteResult {
  /** What was asked. */
  readonly suite: SuiteName;
  /** The model. */
  readonly model: string;
  /** Of `pairs`. */
  readonly pairs?: PairAccuracy;
  /** Of `pairs`, where there was text to count: the same of baselines. */
  readonly baselines?: readonly (PairAccuracy & { readonly name: string })[];
  /** Of `calame` and `lambada`. */
  readonly lastWords?: LastWordAccuracy;
  /** Of `text`. */
  readonly written?: Diversity;
  /** Of `text`, where text of people was given: as many, as long. */
  readonly people?: Diversity;
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Asks a model tasks.
 *
 * @param options The model, and what is asked.
 * @returns How well it did, with intervals of 95 % where it was right or wrong.
 * @throws {Error} When a file cannot be read, or the reason of the signal.
 *
 * @example
 * ```ts
 * import { evaluateSuite } from "./evaluate_suite.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => evaluateSuite({ model: "checkpoints/mine", suite: "calame" }),
 *   TypeError,
 *   "suiteFile",
 * );
 * ```
 */
export async function evaluateSuite(
  options: EvaluateSuiteOptions,
): Promise<EvaluateSuiteResult> {
  assertOptions("evaluate", options, OPTIONS);
  const { suite, suiteFile, learnFrom } = options;
  const isOfWords = suite === "calame" || suite === "lambada";
  if (isOfWords && suiteFile === undefined) {
    throw new TypeError(
      `Cannot evaluate: ${suite} needs its file, as suiteFile`,
    );
  }
  if (learnFrom !== undefined && suite !== "pairs") {
    throw new TypeError("Cannot evaluate: learnFrom is for pairs alone");
  }
  await assertModel(options.model);
  // What is wrong with a file is said before a model is loaded.
  const pairs = suite !== "pairs"
    ? undefined
    : suiteFile === undefined
    ? grammarPairs()
    : await readPairs(suiteFile);
  const tasks = isOfWords ? await readLastWords(suiteFile!) : undefined;
  const people = suite === "text" ? suiteFile : undefined;
  for (const input of [people, learnFrom]) {
    if (input !== undefined) await openTexts({ input });
  }
  using used = await useBackend(options.backend);
  const { backend } = used;
  const loaded = await openModel(options, backend);
  const { model, tokenizer } = loaded;
  const asked = (done: number, total: number) =>
    options.onProgress?.({ phase: "asking", done, total });
  const found: EvaluateSuiteResult = {
    suite,
    model: options.model,
    backend: backend.description,
  };
  if (tasks !== undefined) {
    const generator = new Generator(model, tokenizer);
    const asking = { generator, tokenizer, score: scorerOf(model) };
    const lastWords = await predictLastWords(tasks, asking, {
      signal: options.signal,
      onProgress: (done) => asked(done, 2 * tasks.length),
    });
    return { ...found, lastWords };
  }
  if (pairs === undefined) return { ...found, ...await write(loaded, options) };
  const tokens = tokensOfPairs(pairs, tokenizer);
  const total = tokens.reduce((sum, ids) => sum + ids.length - 1, 0);
  const { signal } = options;
  const own = await scorePairs(pairs, tokens, scorerOf(model), {
    signal,
    onProgress: (done) => asked(done, total),
  });
  if (learnFrom === undefined) return { ...found, pairs: own };
  const documents = await readTokens(learnFrom, tokenizer, options);
  const start = tokenizer.vocab.specialId("[BOS]");
  const baselines = [];
  for (const order of [1, NGRAM_ORDER]) {
    const { size: vocabSize } = tokenizer.vocab;
    const counting = { order, vocabSize, start, signal };
    const ngrams = await NgramModel.count(documents, counting);
    const score = ngramScorerOf(ngrams);
    const name = order === 1 ? "unigram" : `${order}-gram`;
    const found = await scorePairs(pairs, tokens, score, { signal });
    baselines.push({ name, ...found });
  }
  return { ...found, pairs: own, baselines };
}

/** Texts of a model, and of people where they are given, and how they are. */
async function write(
  { model, tokenizer }: LoadedCheckpoint,
  { suiteFile, signal, onProgress, ...options }: EvaluateSuiteOptions,
): Promise<Pick<EvaluateSuiteResult, "written" | "people">> {
  const { texts = 20, maxTokens = 200, seed = WRITING.seed } = options;
  const wanted = Array.from({ length: texts }, (_, i) => ({
    prompt: "",
    seed: seed + i,
  }));
  const { temperature, topP, dry } = WRITING, total = texts * maxTokens;
  const generator = new Generator(model, tokenizer);
  const written = generator.writeAll(wanted, {
    ...withBreakers({ temperature, topP, dry, seed }, tokenizer),
    maxTokens,
    signal,
    onTokens: (done) => onProgress?.({ phase: "asking", done, total }),
  });
  const own: string[] = [];
  for await (const { text } of written) own.push(text);
  const measured = diversityOf(own);
  if (suiteFile === undefined) return { written: measured };
  const words = Math.round(measured.words / texts);
  const people = await readTexts(suiteFile, { count: texts, words, signal });
  return { written: measured, people: diversityOf(people) };
}

/** The beginnings of the first documents of a text that are long enough. */
async function readTexts(
  input: string,
  { count, words, signal }: {
    readonly count: number;
    readonly words: number;
    readonly signal?: AbortSignal;
  },
): Promise<string[]> {
  const found: string[] = [];
  for await (const text of documentsOf(input, signal)) {
    const ends = text.matchAll(/[\p{L}\p{M}\p{N}]+/gu).take(words).toArray();
    if (ends.length < words) continue;
    const last = ends.at(-1)!;
    found.push(text.slice(0, last.index + last[0].length));
    if (found.length === count) return found;
  }
  throw new Error(
    `Cannot evaluate "${input}": it has ${found.length} documents of ${words} words or more, and ${count} are needed`,
  );
}

/** The documents of a text as tokens, framed. */
async function readTokens(
  input: string,
  tokenizer: Tokenizer,
  { signal, onProgress }: EvaluateSuiteOptions,
): Promise<Uint16Array[]> {
  const { vocab } = tokenizer;
  const start = vocab.specialId("[BOS]"), end = vocab.specialId("[EOS]");
  const documents: Uint16Array[] = [];
  let done = 0;
  for await (const text of documentsOf(input, signal)) {
    const ids = tokenizer.encode(text);
    const framed = new Uint16Array(ids.length + 2);
    framed.set([start]);
    framed.set(ids, 1);
    framed.set([end], ids.length + 1);
    documents.push(framed);
    done += framed.length;
    onProgress?.({ phase: "learning", done, total: 0 });
  }
  return documents;
}

async function* documentsOf(
  input: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const { files } = await openTexts({ input });
  const turns = new EventTurns();
  for await (const { text } of splitDocuments(readTextChunks(files))) {
    await turns.next();
    signal?.throwIfAborted();
    yield text;
  }
}
