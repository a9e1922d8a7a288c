/**
 * A model to one of smaller weights, and what that costs.
 *
 * @module
 */

import { byteLengthOf } from "../checkpoint/encoding/elements.ts";
import { countOf } from "../checkpoint/encoding/tensor_encoding.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { saveWeights } from "../checkpoint/native/mpk_writer.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import {
  QUANTIZE_FORMATS,
  quantizedModel,
  type QuantizeFormat,
} from "../checkpoint/quantized/quantized_model.ts";
import type { StoredType } from "../checkpoint/quantized/packing.ts";
import { readTextChunks } from "../corpus/documents/text_chunks.ts";
import { splitDocuments } from "../dataset/documents.ts";
import { cannotRead, isThere, withoutSlash } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import type { TextFiles } from "../corpus/documents/text_files.ts";
import { kindOf } from "../input_kinds.ts";
import { loadAdapter } from "../load_adapter.ts";
import { vocabOf } from "../load_checkpoint.ts";
import { inputSquares } from "../model/input_squares.ts";
import { RWKV } from "../model/rwkv.ts";
import {
  assertOptions,
  oneOf,
  type OptionKinds,
  wholeFrom,
} from "../option_kinds.ts";
import { OutputSet } from "../output_set.ts";
import { Tape } from "../tensor/tape.ts";
import { identityOf, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { tokenizerOf } from "../tokenizer/vocab/any_tokenizer.ts";
import { EventTurns } from "../turns.ts";
import { type ComputingOptions, useBackend } from "./computing.ts";
import { evaluate } from "./evaluate.ts";
import {
  assertModel,
  MODEL_KINDS,
  type ModelFiles,
  openModel,
  withAdapter,
} from "./model_files.ts";
import type { Progress } from "./stage.ts";
import { openTexts } from "./text_input.ts";
import {
  assertNoTraining,
  assertReplaceable,
  assertTokenizerReplaceable,
} from "./written_files.ts";

/** How far `quantize()` is: in bytes, weights or tokens. */
export interface QuantizeProgress extends Progress {
  /** What is being done. */
  readonly phase: "calibrating" | "rounding" | "evaluating" | "timing";
}

/** What `quantize()` is to do. */
export interface QuantizeOptions
  extends ComputingOptions<QuantizeProgress>, ModelFiles {
  /** The folder for `model_final.mpk` and `tokenizer.json`. */
  readonly output: string;
  /** What linear maps become; see `QUANTIZE_FORMATS`. */
  readonly format: QuantizeFormat;
  /** Text by which it shows which weights matter: a file or a folder. */
  readonly calibrate?: string;
  /** Told of the files of that text, before they are read. */
  readonly onFiles?: (files: TextFiles) => void;
  /** Bytes of it that are read; 300,000 unless given. */
  readonly calibrateBytes?: number;
  /** Texts and datasets that both models predict. */
  readonly evaluate?: readonly string[];
}

/** What its options are. */
const OPTIONS: OptionKinds<QuantizeOptions> = {
  ...MODEL_KINDS,
  backend: "backend?",
  output: "text",
  format: { ...oneOf(QUANTIZE_FORMATS), isRequired: true },
  calibrate: "text?",
  onFiles: "function?",
  calibrateBytes: wholeFrom(1, 2 ** 30),
  evaluate: "texts?",
  signal: "signal?",
  onProgress: "function?",
};

/** A number of both models. */
export interface BeforeAndAfter {
  /** Of the model that was read. */
  readonly before: number;
  /** Of the one that was written. */
  readonly after: number;
}

/** What `quantize()` made. */
export interface QuantizeResult {
  /** The file that was written. */
  readonly model: string;
  /** As asked for. */
  readonly format: QuantizeFormat;
  /** Bytes of the weights in both files. */
  readonly bytes: BeforeAndAfter;
  /** Tokens a second, one text alone. */
  readonly tokensPerSecond: BeforeAndAfter;
  /** Bits per byte of each of the texts. */
  readonly bitsPerByte: readonly (BeforeAndAfter & {
    /** As it was given. */
    readonly source: string;
  })[];
  /** What has computed, in words. */
  readonly backend: string;
}

/** Bytes of sample text: some minutes of work, and more changes little. */
const CALIBRATE_BYTES = 300_000;

/** Tokens of a window of it. */
const WINDOW = 256;

/** Tokens before the clock starts. */
const WARM_TOKENS = 4;

/** Tokens that are timed, and for how long at most, in milliseconds. */
const TIMED_TOKENS = 64, TIMED_FOR = 6000;

/**
 * Writes a model with smaller weights, which all commands take, and measures it.
 *
 * @param options The model, the format, and texts.
 * @throws {Error} When something cannot be read or written, is no model, or a
 * file is in the way.
 * @throws {RangeError} When a weight is too large for the format.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { saveModel } from "../checkpoint/native/mpk_writer.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { BPETrainer } from "../tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "../tokenizer/vocab/vocab_file.ts";
 * import { quantize } from "./quantize.ts";
 * import { assert } from "@std/assert";
 *
 * const model = await Deno.makeTempDir(), output = `${model}/small`;
 * const bytes = new TextEncoder().encode("o rio corre\n");
 * const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
 * await writeVocab(`${model}/tokenizer.json`, vocab);
 * const shape = { vocabSize: vocab.size, dModel: 32, dFfn: 64 };
 * const backend = new ReferenceBackend();
 * const made = new RWKV(new RWKVConfig(shape), backend);
 * await saveModel(`${model}/model_final.mpk`, made);
 * const result = await quantize({ model, output, format: "q8", backend });
 * assert(result.bytes.after < result.bytes.before / 3);
 * ```
 */
export async function quantize(
  options: QuantizeOptions,
): Promise<QuantizeResult> {
  assertOptions("quantise a model", options, OPTIONS);
  await assertModel(options.model);
  for (const source of options.evaluate ?? []) await assertThere(source);
  const sources = options.evaluate ?? [];
  // What is wrong with a text is found before anything is written.
  const before = await bitsPerByteOf(options, sources);
  const written = await write(options);
  const { signal, onProgress, backend } = options;
  const smaller = { model: written.model, backend, signal, onProgress };
  const after = await bitsPerByteOf(smaller, sources);
  const speeds = await speedsOf(options, smaller);
  return {
    ...written,
    format: options.format,
    tokensPerSecond: { before: speeds.before, after: speeds.after },
    bitsPerByte: sources.map((source, i) => ({
      source,
      before: before[i],
      after: after[i],
    })),
    backend: speeds.backend,
  };
}

/** Throws unless there is something to be read. */
async function assertThere(path: string): Promise<void> {
  await Deno.stat(path).catch((error) => {
    throw cannotRead(path, error);
  });
}

/** Rounds the weights and writes them. */
async function write(
  options: QuantizeOptions,
): Promise<Pick<QuantizeResult, "model" | "bytes">> {
  const { format, timeMixing, weights, onDamaged } = options;
  const { signal, onProgress } = options;
  const folder = withoutSlash(options.output);
  const path = `${folder}/${FINAL_MODEL}`;
  await using _lock = await lockFolder(folder);
  const opening = { timeMixing, weights, onDamaged };
  using checkpoint = await Checkpoint.open(options.model, opening);
  await assertNoTraining(folder);
  await assertReplaceable(path, { kinds: ["model"], read: [checkpoint.path] });
  const vocab = await vocabOf(checkpoint, options.tokenizer);
  await assertTokenizerReplaceable(`${folder}/tokenizer.json`, {
    content: vocab.toString(),
    isReplaced: await isThere(path),
    beside: "model",
  });
  const adapted = await withAdapter(checkpoint, options);
  const importance = await importanceFor(
    checkpoint,
    tokenizerOf(vocab),
    options,
  );
  const made = quantizedModel(adapted, format, importance);
  const { config, shapes } = checkpoint, total = shapes.size;
  const turns = new EventTurns();
  let done = 0;
  const next = async () => {
    await turns.next();
    signal?.throwIfAborted();
    onProgress?.({ phase: "rounding", done: done++, total });
  };
  await using staging = new OutputSet(folder);
  await staging.write("tokenizer.json", vocab.toString());
  await saveWeights(path, {
    config,
    shapes,
    typeOf: made.typeOf,
    readWeight: (name) => next().then(() => made.readWeight(name)),
    readBlocks: (name) => next().then(() => made.readBlocks(name)),
  }, { tokenizerSha256: await identityOf(vocab), signal, staging });
  await staging.commit();
  const bytesOf = ({ typeOf }: { typeOf(name: string): StoredType }) =>
    [...shapes].reduce(
      (sum, [name, shape]) => sum + byteLengthOf(typeOf(name), countOf(shape)),
      0,
    );
  const before = bytesOf({ typeOf: (name) => checkpoint.typeOf(name) });
  return { model: path, bytes: { before, after: bytesOf(made) } };
}

/** How much each column of each map counts; undefined without sample text. */
async function importanceFor(
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  { calibrate, calibrateBytes, ...options }: QuantizeOptions,
): Promise<ReadonlyMap<string, Float32Array> | undefined> {
  if (calibrate === undefined) return undefined;
  const { adapter, adapterAlpha: alpha, adapterLayout: layout } = options;
  const { backend, signal, onProgress } = options;
  const limit = calibrateBytes ?? CALIBRATE_BYTES;
  const found = await openTexts({ input: calibrate });
  options.onFiles?.(found);
  const { files } = found;
  const windows: number[][] = [];
  const encoder = new TextEncoder();
  let bytes = 0;
  for await (const { text } of splitDocuments(readTextChunks(files))) {
    signal?.throwIfAborted();
    const part = encoder.encode(text).subarray(0, limit - bytes);
    // As a part of a stream, so that half a character at its end is left out.
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const ids = tokenizer.encode(decoder.decode(part, { stream: true }));
    for (let at = 0; at < ids.length; at += WINDOW) {
      windows.push([...ids.slice(at, at + WINDOW)]);
    }
    bytes += part.length;
    if (bytes === limit) break;
  }
  if (windows.length === 0) {
    throw new Error(`Cannot calibrate by "${calibrate}": there is no text`);
  }
  using used = await useBackend(backend);
  const { config } = checkpoint;
  // What is added to weights needs them whole.
  const formats = adapter === undefined ? checkpoint.formats : undefined;
  const model = new RWKV(config, used.backend, { formats });
  checkpoint.loadInto(model);
  if (adapter !== undefined) {
    await loadAdapter(model, adapter, { alpha, layout });
  }
  const turns = new EventTurns(), total = windows.length;
  let done = 0;
  return await inputSquares(model, windows, async () => {
    await turns.next();
    signal?.throwIfAborted();
    onProgress?.({ phase: "calibrating", done: done++, total });
  });
}

/** What of its options says which model is measured, and on what. */
type Measuring =
  & ModelFiles
  & Pick<QuantizeOptions, "backend" | "signal" | "onProgress">;

/** Of these the files of the model; that it is damaged has been told. */
function filesOf(options: Measuring): ModelFiles {
  const names = Object.keys(MODEL_KINDS);
  const files = names.map((name) => [name, Reflect.get(options, name)]);
  return { ...Object.fromEntries(files), onDamaged: undefined };
}

/** Bits per byte of each of the texts. */
async function bitsPerByteOf(
  options: Measuring,
  sources: readonly string[],
): Promise<number[]> {
  const { backend, signal, onProgress } = options;
  const found: number[] = [];
  for (const source of sources) {
    const isData = DATA.has(await kindOf(source) ?? "nothing");
    const { bitsPerByte } = await evaluate({
      ...{ ...filesOf(options), backend, signal },
      [isData ? "data" : "input"]: source,
      onProgress: ({ done, total }) =>
        onProgress?.({ phase: "evaluating", done, total }),
    });
    found.push(bitsPerByte);
  }
  return found;
}

/** What is evaluated as tokens. */
const DATA: ReadonlySet<string> = new Set(["dataset", "tokens"]);

/**
 * Tokens a second of one text, the choice of tokens left out: of both models by
 * turns, so that what else the machine does slows both down, and by the middle
 * one of each model's times, so that a pause counts for nothing.
 */
async function speedsOf(
  options: Measuring,
  smaller: Measuring,
): Promise<BeforeAndAfter & { readonly backend: string }> {
  const { backend, signal, onProgress } = options;
  using used = await useBackend(backend);
  const opened = [
    await openModel(filesOf(options), used.backend),
    await openModel(filesOf(smaller), used.backend),
  ];
  const steps = opened.map(({ model }) => stepOf(model));
  const times: [number[], number[]] = [[], []], turns = new EventTurns();
  const start = performance.now();
  for (let done = -WARM_TOKENS; done < TIMED_TOKENS; done++) {
    if (done > 0 && performance.now() - start > TIMED_FOR) break;
    onProgress?.({
      phase: "timing",
      done: Math.max(0, done),
      total: TIMED_TOKENS,
    });
    for (const [i, step] of steps.entries()) {
      await turns.next();
      signal?.throwIfAborted();
      const from = performance.now();
      await step();
      if (done >= 0) times[i].push(performance.now() - from);
    }
  }
  const [before, after] = times.map((own) => 1000 / middleOf(own));
  return { before, after, backend: used.backend.description };
}

/** What makes a model predict one token more. */
function stepOf(model: RWKV): () => Promise<void> {
  const { backend } = model, state = model.newState(1);
  const tape = new Tape(backend, { recording: false });
  const ids = backend.allocIndices(1);
  backend.writeIndices(ids, [0]);
  return async () => {
    const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
    await backend.read(model.logits(tape, hidden).data);
    tape.reset();
  };
}

function middleOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}
