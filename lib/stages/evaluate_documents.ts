/**
 * How well models predict documents: each from beginning to end, with the state
 * carried on, several models and baselines beside one another.
 *
 * @module
 */

import { openDataset } from "../dataset/open_dataset.ts";
import {
  type AbsentBaseline,
  type BaselineName,
  BASELINES,
  measureBaseline,
} from "../evaluation/baselines.ts";
import { DocumentEvaluator } from "../evaluation/document_evaluator.ts";
import {
  type DocumentFrame,
  documentsIn,
  framedDocument,
  frameOf,
  type TokenDocument,
} from "../evaluation/documents.ts";
import { isReportPage, reportPage } from "../evaluation/report_page.ts";
import {
  type EvaluatedSource,
  type EvaluationReport,
  makeReport,
  type Measured,
} from "../evaluation/report.ts";
import { writeFileAtomic } from "../files.ts";
import {
  assertOptions,
  type OptionKinds,
  SEED,
  wholeFrom,
} from "../option_kinds.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { EventTurns } from "../turns.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import {
  assertDataset,
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  openModel,
} from "./model_files.ts";
import {
  type DocumentSources,
  readDocumentSources,
} from "./document_sources.ts";
import type { Progress } from "./stage.ts";
import type { TextInput } from "./text_input.ts";
import { assertReportReplaceable } from "./written_files.ts";

/** How far `evaluateDocuments()` is with a model or a baseline. */
export interface EvaluateDocumentsProgress extends Progress {
  /**
   * Whether text is made tokens, those are predicted, or documents are given to
   * a baseline: in documents, tokens and documents.
   */
  readonly phase: "reading" | "predicting" | "comparing";
  /** The path of the model, or what the baseline is called. */
  readonly name: string;
}

/** What `evaluateDocuments()` is to do. */
export interface EvaluateDocumentsOptions
  extends
    ComputingOptions<EvaluateDocumentsProgress>,
    Omit<ModelFiles, "model">,
    Pick<TextInput, "documents" | "onFiles"> {
  /** Models: `model_final.mpk` or a checkpoint, or their folder. */
  readonly models: readonly string[];
  /** Texts, a source each: a file, a folder, or a pattern with `*` and `?`. */
  readonly texts?: readonly string[];
  /**
   * Datasets, a source each: what is held out where something is; or token
   * files.
   */
  readonly data?: readonly string[];
  /** Tokens after which all is forgotten; never unless given. */
  readonly resetEvery?: number;
  /** Documents at a time; 8 unless given. */
  readonly batchSize?: number;
  /** What models are compared with; nothing unless given. */
  readonly baselines?: readonly BaselineName[];
  /** A text that baselines learn from, such as what models were trained on. */
  readonly learnFrom?: string;
  /** How often documents are drawn for intervals; 1,000 times unless given. */
  readonly resamples?: number;
  /** Chooses what is drawn; 42 unless given. */
  readonly seed?: number;
  /** A file for the report as a page. */
  readonly html?: string;
}

/** What of its options every model is opened with. */
const { model: _, ...OPENING } = MODEL_KINDS;

/** What its options are. */
const OPTIONS: OptionKinds<EvaluateDocumentsOptions> = {
  ...OPENING,
  models: "texts",
  texts: "texts?",
  data: "texts?",
  documents: "text?",
  onFiles: "function?",
  resetEvery: wholeFrom(1),
  batchSize: wholeFrom(1, 1024),
  baselines: "texts?",
  learnFrom: "text?",
  resamples: wholeFrom(40, 1_000_000),
  seed: SEED,
  html: "text?",
  backend: "backend?",
  signal: "signal?",
  onProgress: "function?",
};

/** What `evaluateDocuments()` found. */
export interface EvaluateDocumentsResult extends EvaluationReport {
  /** Baselines that could not be measured, and why. */
  readonly absent: readonly AbsentBaseline[];
  /** After how many tokens all was forgotten; absent where never. */
  readonly resetEvery?: number;
  /** What baselines learnt from. */
  readonly learnFrom?: string;
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Predicts documents one by one, from beginning to end, with the state carried
 * on: a work that is held out is one whole, however long. Intervals are found
 * by drawing documents, and all models are compared on the same draws.
 *
 * @param options The models, and the texts or datasets.
 * @returns The figures of each model and baseline: in all, by source, by length
 * and by place; and what is between the first and the others.
 * @throws {Error} When a file cannot be read or is of another kind, or there is
 * no text; the reason of the signal when it is aborted.
 *
 * @example
 * ```ts
 * import { evaluateDocuments } from "./evaluate_documents.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => evaluateDocuments({ models: ["checkpoints/mine"] }),
 *   TypeError,
 *   "give texts or data",
 * );
 * ```
 */
export async function evaluateDocuments(
  options: EvaluateDocumentsOptions,
): Promise<EvaluateDocumentsResult> {
  assertOptions("evaluate documents", options, OPTIONS);
  const { models, texts = [], data = [], baselines = [], html } = options;
  if (models.length === 0) {
    throw new TypeError("Cannot evaluate documents: give a model");
  }
  if (texts.length + data.length === 0) {
    throw new TypeError("Cannot evaluate documents: give texts or data");
  }
  for (const name of baselines) {
    if (BASELINES.includes(name)) continue;
    const known = BASELINES.join(", ");
    throw new RangeError(
      `Cannot evaluate documents: a baseline is one of ${known}, not "${name}"`,
    );
  }
  for (const model of models) await assertModel(model);
  for (const path of data) await assertDataset(path);
  if (html !== undefined) {
    await assertReportReplaceable(html, {
      isReport: isReportPage,
      command: "evaluate",
    });
  }
  const read = await readDocumentSources(options);
  const run = new Run(options, read);
  for (const model of models) await run.measure(model);
  const report = await makeReport({
    sources: run.sources,
    documents: run.documents,
    measured: [...run.measured, ...run.compared],
    seed: options.seed ?? 42,
    resamples: options.resamples ?? 1000,
    signal: options.signal,
  });
  const { resetEvery, learnFrom } = options, { absent, backend } = run;
  const result = { ...report, absent, resetEvery, learnFrom, backend };
  if (html !== undefined) {
    await writeFileAtomic(html, await reportPage(result));
  }
  return result;
}

/** Measures one model after another. */
class Run {
  readonly measured: Measured[] = [];
  /** The baselines. */
  readonly compared: Measured[] = [];
  readonly absent: AbsentBaseline[] = [];
  documents: readonly TokenDocument[] = [];
  sources: readonly EvaluatedSource[];
  backend = "";
  readonly #options: EvaluateDocumentsOptions;
  readonly #read: DocumentSources;

  constructor(options: EvaluateDocumentsOptions, read: DocumentSources) {
    this.#options = options;
    this.#read = read;
    this.sources = read.sources;
  }

  /** Measures a model; with the first, whose tokens they use, the baselines. */
  async measure(name: string): Promise<void> {
    const { batchSize, resetEvery, signal, onProgress } = this.#options;
    // One for each: what a backend reserves for a model stays reserved.
    using used = await useBackend(this.#options.backend);
    const { backend } = used;
    this.backend = backend.description;
    const files = { ...openingOf(this.#options), model: name };
    const { model, tokenizer } = await openModel(files, backend);
    using opened = new DisposableStack();
    const documents = await this.#tokenize(name, tokenizer, opened);
    const isFirst = this.documents.length === 0;
    if (isFirst) this.documents = documents;
    else this.#assertSame(documents, name);
    const byteLengths = tokenizer.byteLengths();
    const total = documents.reduce((sum, { length }) => sum + length - 1, 0);
    const evaluator = new DocumentEvaluator(model, {
      rows: batchSize,
      resetEvery,
    });
    const start = performance.now();
    const costs = await evaluator.evaluate(documents, byteLengths, {
      signal,
      onProgress: (done) =>
        onProgress?.({ phase: "predicting", name, done, total }),
    });
    const tokensPerSecond = total / (performance.now() - start) * 1000;
    this.measured.push({ name, kind: "model", costs, tokensPerSecond });
    if (isFirst) await this.#compare(tokenizer, documents);
  }

  /** The documents as a tokenizer has them. */
  async #tokenize(
    name: string,
    tokenizer: Tokenizer,
    opened: DisposableStack,
  ): Promise<TokenDocument[]> {
    const { data = [], signal, onProgress } = this.#options;
    const { texts } = this.#read, total = texts.length;
    const frame = frameOf(tokenizer), turns = new EventTurns();
    const documents: TokenDocument[] = [];
    const encoder = new TextEncoder();
    for (const { text, ...about } of texts) {
      await turns.next();
      signal?.throwIfAborted();
      const { length: bytes } = encoder.encode(text);
      const ids = tokenizer.encode(text);
      documents.push(framedDocument({ ...about, bytes }, ids, frame));
      onProgress?.({ phase: "reading", name, done: documents.length, total });
    }
    const sources = [...this.#read.sources];
    for (const [i, path] of data.entries()) {
      const source = sources.length - data.length + i,
        before = documents.length;
      const dataset = opened.use(
        await openDataset(path, tokenizer.vocab, { signal }),
      );
      const { train, val } = dataset;
      if (val !== undefined) {
        sources[source] = { ...sources[source], part: "val" };
      } else if (/(?:^|[/\\])train\.bin$/.test(train.path)) {
        sources[source] = { ...sources[source], part: "train" };
      }
      const byteLengths = tokenizer.byteLengths();
      for (
        const document of documentsIn(val ?? train, source, {
          frame,
          byteLengths,
        })
      ) {
        await turns.next();
        signal?.throwIfAborted();
        // An empty document has no bits a byte.
        if (document.bytes > 0) documents.push(document);
      }
      if (documents.length === before) {
        throw new Error(`Cannot evaluate "${path}": there is no text`);
      }
    }
    this.sources = sources;
    return documents;
  }

  /** Refuses documents that are not those of the first model. */
  #assertSame(documents: readonly TokenDocument[], name: string): void {
    const isSame = documents.length === this.documents.length &&
      documents.every(({ bytes }, i) => bytes === this.documents[i].bytes);
    if (isSame) return;
    throw new Error(
      `Cannot evaluate "${name}": with its tokenizer the dataset has other documents than with the first model's; compare them on a text`,
    );
  }

  async #compare(
    tokenizer: Tokenizer,
    documents: readonly TokenDocument[],
  ): Promise<void> {
    const { baselines = [], signal, onProgress } = this.#options;
    if (baselines.length === 0) return;
    const { texts, learnt } = this.#read;
    const encoder = new TextEncoder();
    const textOf = (index: number) =>
      index < texts.length
        ? encoder.encode(texts[index].text)
        : bytesOf(documents[index], tokenizer);
    const total = documents.length, byteLengths = tokenizer.byteLengths();
    const known = learnt && await learn(learnt, tokenizer, signal);
    for (const name of new Set(baselines)) {
      const found = await measureBaseline(name, {
        documents,
        textOf,
        byteLengths,
        learnt: known,
        signal,
        onProgress: (done) =>
          onProgress?.({ phase: "comparing", name, done, total }),
      });
      if (typeof found === "string") {
        this.absent.push({ name, reason: found });
      } else this.compared.push({ name, kind: "baseline", costs: found });
    }
  }
}

/** What every model of a run is opened with. */
function openingOf(
  options: EvaluateDocumentsOptions,
): Omit<ModelFiles, "model"> {
  const names = Object.keys(OPENING);
  return Object.fromEntries(
    names.map((name) => [name, Reflect.get(options, name)]),
  );
}

/** How often each id comes in texts, and their bytes. */
async function learn(
  texts: readonly string[],
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<{ counts: Float64Array; bytes: Uint8Array<ArrayBuffer> }> {
  const counts = new Float64Array(tokenizer.vocab.size);
  const { end }: DocumentFrame = frameOf(tokenizer), turns = new EventTurns();
  for (const text of texts) {
    await turns.next();
    signal?.throwIfAborted();
    for (const id of tokenizer.encode(text)) counts[id]++;
    counts[end]++;
  }
  const joined = texts.map((text) => `${text}\n\n`).join("");
  return { counts, bytes: new TextEncoder().encode(joined) };
}

/** The text of a document that is given as tokens. */
function bytesOf(
  document: TokenDocument,
  tokenizer: Tokenizer,
): Uint8Array<ArrayBuffer> {
  const ids = new Uint16Array(document.length);
  document.read(0, ids);
  return new TextEncoder().encode(tokenizer.decode(ids));
}
