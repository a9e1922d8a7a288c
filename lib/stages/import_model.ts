/**
 * Another program's weights to a model folder of ours.
 *
 * @module
 */

import {
  ForeignModel,
  type ImportFormat,
} from "../checkpoint/import/foreign_model.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import { isThere, reasonOf, withoutSlash } from "../files.ts";
import { lockFolder } from "../folder_lock.ts";
import { orSayKind } from "../input_kinds.ts";
import { TIME_MIXINGS, type TimeMixingKind } from "../model/classic.ts";
import type { RWKVConfig } from "../model/config.ts";
import { OutputSet } from "../output_set.ts";
import { identityOf, type Vocab } from "../tokenizer/tokenizer.ts";
import {
  assertOptions,
  oneOf,
  type OptionKinds,
  wholeFrom,
} from "../option_kinds.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";
import { readTokenizerFile, tokenizerBeside } from "./tokenizer_files.ts";
import {
  assertNoTraining,
  assertReplaceable,
  assertTokenizerReplaceable,
} from "./written_files.ts";

/** How far `importModel()` is, in weights. */
export interface ImportModelProgress extends Progress {
  /** The weight that is being read. */
  readonly name: string;
}

/** What `importModel()` is to do. */
export interface ImportModelOptions extends StageOptions<ImportModelProgress> {
  /** The weights, or the folder that holds them. */
  readonly input: string;
  /** The folder for `model_final.mpk` and `tokenizer.json`. */
  readonly output: string;
  /** Its tokenizer, of any format known here; that beside it unless given. */
  readonly tokenizer?: string;
  /** Tokens of a window, which weights do not say. */
  readonly maxSeqLen?: number;
  /** What a model of the original Rust program attends over; `channels` unless given. */
  readonly timeMixing?: TimeMixingKind;
}

/** What its options are. */
const OPTIONS: OptionKinds<ImportModelOptions> = {
  input: "text",
  output: "text",
  tokenizer: "text?",
  maxSeqLen: wholeFrom(1, 65_536),
  timeMixing: oneOf(TIME_MIXINGS),
  ...STAGE_KINDS,
};

/** What `importModel()` made. */
export interface ImportModelResult {
  /** The file that was read. */
  readonly input: string;
  /** What it was written as. */
  readonly format: ImportFormat;
  /** The file that was written. */
  readonly model: string;
  /** How many numbers it has. */
  readonly parameters: number;
  /** Its shape. */
  readonly config: ReturnType<RWKVConfig["toJSON"]>;
  /** The tokenizer's file, where the model has one. */
  readonly tokenizer?: string;
  /** SHA-256 of the tokenizer. */
  readonly tokenizerSha256?: string;
  /** What was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads official RWKV-4, -6 and -7 weights as safetensors, PyTorch's `.pth`,
 * rwkv.cpp's `.bin` or GGUF, or a model of the original Rust program, and
 * writes it as ours. Nothing in a file is executed; aborted, it leaves nothing.
 *
 * @param options The weights, the folder, and what the weights do not say.
 * @throws {Error} When something cannot be read or written, or is no model; then
 * with the command that takes it.
 * @throws {SyntaxError} When the file is malformed, or no model that can be used.
 * @throws {RangeError} When the tokenizer asked for is not the model's.
 *
 * @example
 * ```ts
 * import { importModel } from "./import_model.ts";
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { saveModel } from "../checkpoint/native/mpk_writer.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir(), input = `${folder}/old.mpk`;
 * const architecture = "classic", shape = { dModel: 8, dFfn: 16 };
 * const config = new RWKVConfig({ architecture, vocabSize: 10, ...shape });
 * await saveModel(input, new RWKV(config, new ReferenceBackend()));
 * const result = await importModel({ input, output: `${folder}/new` });
 * assertEquals(result.format, "burn");
 * assertEquals(result.config.architecture, "classic");
 * ```
 */
export async function importModel(
  options: ImportModelOptions,
): Promise<ImportModelResult> {
  assertOptions("import a model", options, OPTIONS);
  const { input, timeMixing, maxSeqLen, signal, onProgress } = options;
  const folder = withoutSlash(options.output);
  const path = `${folder}/${FINAL_MODEL}`;
  await using _lock = await lockFolder(folder);
  using model = await orSayKind(
    input,
    ["a model", "model", "weights", "archive", "nothing"],
    () => ForeignModel.open(input, { timeMixing, maxSeqLen, scratch: folder }),
  );
  await assertNoTraining(folder);
  await assertReplaceable(path, { kinds: ["model"], read: [model.path] });
  const { config, format } = model;
  const { vocab, notes } = options.tokenizer === undefined
    ? await vocabBeside(model, config.vocabSize)
    : await vocabFor(options.tokenizer, config.vocabSize);
  if (vocab) {
    await assertTokenizerReplaceable(`${folder}/tokenizer.json`, {
      content: vocab.toString(),
      isReplaced: await isThere(path),
      beside: "model",
    });
  }
  const tokenizerSha256 = vocab && await identityOf(vocab);
  const total = model.shapes.size;
  let done = 0;
  await using staging = new OutputSet(folder);
  if (vocab) await staging.write("tokenizer.json", vocab.toString());
  await model.save(path, {
    tokenizerSha256,
    signal,
    staging,
    onWeight: (name) => onProgress?.({ done: done++, total, name }),
  });
  await staging.commit();
  return {
    input: model.path,
    format,
    model: path,
    parameters: config.numParameters(),
    config: config.toJSON(),
    tokenizer: vocab && `${folder}/tokenizer.json`,
    tokenizerSha256,
    notes: [...model.notes, ...notes],
  };
}

/** A tokenizer for a model, if there is one, and what is to be said of it. */
interface Found {
  readonly vocab?: Vocab;
  readonly notes: readonly string[];
}

/** The tokenizer beside a model, where there is one that can be used. */
async function vocabBeside(
  { path: model, format }: ForeignModel,
  vocabSize: number,
): Promise<Found> {
  const none = format === "gguf"
    ? "The tokenizer within a GGUF is not read: --tokenizer adds the one that it was made with, which generate, train and evaluate need"
    : "It has no tokenizer: --tokenizer adds one, which generate, train and evaluate need";
  const path = await tokenizerBeside(model);
  if (path === undefined) return { notes: [none] };
  try {
    const { vocab, notes } = await vocabFor(path, vocabSize);
    return { vocab, notes: [`Its tokenizer is "${path}"`, ...notes] };
  } catch (error) {
    // It is used only where it fits; nobody asked for it.
    return { notes: [reasonOf(error), none] };
  }
}

/** The model's tokenizer. */
async function vocabFor(path: string, vocabSize: number): Promise<Found> {
  const { vocab: own, notes } = await readTokenizerFile(path);
  // A model may have ids beyond its vocabulary's, which none uses.
  const vocab = own.padded(vocabSize);
  if (vocab.size === vocabSize) return { vocab, notes };
  throw new RangeError(
    `Cannot use tokenizer "${path}": it has ${vocab.size} tokens, the model ${vocabSize}`,
  );
}
