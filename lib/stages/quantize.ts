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
const TIMED_TOKENS = 64, TIMED_FOR = 3000;

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
  const written = await write(options);
  const sources = options.evaluate ?? [];
  const before = await measured(options, options.model, sources);
  const after = await measured(
    {
      ...options,
      tokenizer: undefined,
      weights: undefined,
      adapter: undefined,
    },
    written.model,
    sources,
  );
  return {
    ...written,
    format: options.format,
    tokensPerSecond: {
      before: before.tokensPerSecond,
      after: after.tokensPerSecond,
    },
    bitsPerByte: sources.map((source, i) => ({
      source,
      before: before.bitsPerByte[i],
      after: after.bitsPerByte[i],
    })),
    backend: after.backend,
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
  const importance = await importanceFor(
    checkpoint,
    tokenizerOf(vocab),
    options,
  );
  const adapted = await withAdapter(checkpoint, options);
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
  { calibrate, calibrateBytes, backend, signal, ...options }: QuantizeOptions,
): Promise<ReadonlyMap<string, Float32Array> | undefined> {
  if (calibrate === undefined) return undefined;
  const limit = calibrateBytes ?? CALIBRATE_BYTES;
  const { files } = await openTexts({ input: calibrate });
  const windows: number[][] = [];
  let bytes = 0;
  for await (const { text } of splitDocuments(readTextChunks(files))) {
    signal?.throwIfAborted();
    const left = text.slice(0, limit - bytes);
    const ids = tokenizer.encode(left);
    for (let at = 0; at < ids.length; at += WINDOW) {
      windows.push([...ids.slice(at, at + WINDOW)]);
    }
    bytes += left.length;
    if (bytes >= limit) break;
  }
  if (windows.length === 0) {
    throw new Error(`Cannot calibrate by "${calibrate}": there is no text`);
  }
  using used = await useBackend(backend);
  const { onProgress, adapter, adapterAlpha, adapterLayout } = options;
  const { config } = checkpoint;
  // What is added to weights needs them whole.
  const formats = adapter === undefined ? checkpoint.formats : undefined;
  const model = new RWKV(config, used.backend, { formats });
  checkpoint.loadInto(model);
  if (adapter !== undefined) {
    const reading = { alpha: adapterAlpha, layout: adapterLayout };
    await loadAdapter(model, adapter, reading);
  }
  const turns = new EventTurns(), total = windows.length;
  let done = 0;
  return await inputSquares(model, windows, async () => {
    await turns.next();
    signal?.throwIfAborted();
    onProgress?.({ phase: "calibrating", done: done++, total });
  });
}

/** What one of the models does. */
async function measured(
  options: QuantizeOptions,
  model: string,
  sources: readonly string[],
): Promise<
  { tokensPerSecond: number; bitsPerByte: number[]; backend: string }
> {
  const { timeMixing, weights, tokenizer, backend } = options;
  const { adapter, adapterAlpha, adapterLayout } = options;
  const { signal, onProgress } = options;
  const files = {
    ...{ model, tokenizer, timeMixing, weights },
    ...{ adapter, adapterAlpha, adapterLayout },
  };
  const bitsPerByte: number[] = [];
  for (const source of sources) {
    const isData = DATA.has(await kindOf(source) ?? "nothing");
    const found = await evaluate({
      ...{ ...files, backend, signal },
      [isData ? "data" : "input"]: source,
      onProgress: ({ done, total }) =>
        onProgress?.({ phase: "evaluating", done, total }),
    });
    bitsPerByte.push(found.bitsPerByte);
  }
  using used = await useBackend(backend);
  const opened = await openModel(files, used.backend);
  const tokensPerSecond = await speedOf(opened.model, options);
  const { description } = used.backend;
  return { tokensPerSecond, bitsPerByte, backend: description };
}

/** What is evaluated as tokens. */
const DATA: ReadonlySet<string> = new Set(["dataset", "tokens"]);

/** Tokens a second of one text, the choice of tokens left out. */
async function speedOf(
  model: RWKV,
  { signal, onProgress }: QuantizeOptions,
): Promise<number> {
  const { backend } = model, state = model.newState(1);
  const tape = new Tape(backend, { recording: false });
  const ids = backend.allocIndices(1), turns = new EventTurns();
  backend.writeIndices(ids, [0]);
  let start = 0, done = -WARM_TOKENS;
  for (; done < TIMED_TOKENS; done++) {
    await turns.next();
    signal?.throwIfAborted();
    onProgress?.({
      phase: "timing",
      done: Math.max(0, done),
      total: TIMED_TOKENS,
    });
    if (done === 0) start = performance.now();
    if (done > 0 && performance.now() - start > TIMED_FOR) break;
    const hidden = model.forward(tape, ids, { batch: 1, time: 1, state });
    await backend.read(model.logits(tape, hidden).data);
    tape.reset();
  }
  return done / (performance.now() - start) * 1000;
}
