/**
 * A model in files to one that is ready: weights, tokenizer, and the trainer
 * where it stood.
 *
 * @module
 */

import type { Backend } from "./backend/backend.ts";
import {
  ADAPTER_LAYOUTS,
  type AdapterLayout,
} from "./checkpoint/formats/adapter_file.ts";
import type { Assumptions } from "./checkpoint/native/burn_layout.ts";
import {
  Checkpoint,
  type OpenOptions,
  WEIGHTS,
} from "./checkpoint/native/mpk_reader.ts";
import type { TrainState } from "./checkpoint/native/train_state.ts";
import { folderOf } from "./files.ts";
import { orSayKind } from "./input_kinds.ts";
import { loadAdapter } from "./load_adapter.ts";
import {
  assertKind,
  assertOptions,
  oneOf,
  OPEN_BACKEND,
  type OptionKinds,
} from "./option_kinds.ts";
import { RWKV } from "./model/rwkv.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";
import { type AnyVocab, tokenizerOf } from "./tokenizer/vocab/any_tokenizer.ts";
import { readAnyVocab } from "./tokenizer/vocab/vocab_file.ts";
import { matching } from "./read_model.ts";
import { Trainer } from "./train/trainer.ts";
import { TrainingConfig } from "./training_config.ts";

/** The adapter that a model gets. */
export interface AdapterOptions {
  /** Its file, see `loadAdapter()`; none unless given. */
  readonly adapter?: string;
  /** A LoRA's alpha, where the file does not say or another is wanted. */
  readonly adapterAlpha?: number;
  /** Which way round states lie, where the file does not say. */
  readonly adapterLayout?: AdapterLayout;
}

/** What its options are. */
export const ADAPTER_OPTION_KINDS: OptionKinds<AdapterOptions> = {
  adapter: "text?",
  adapterAlpha: "number?",
  adapterLayout: oneOf(ADAPTER_LAYOUTS),
};

/** How a checkpoint is loaded. */
export interface LoadOptions
  extends Pick<OpenOptions, "onDamaged" | "weights">, AdapterOptions {
  /** The tokenizer's file; the `tokenizer.json` beside the model by itself. */
  readonly tokenizer?: string;
  /** Whether training shall go on: reserves gradients and moments. */
  readonly training?: boolean;
  /** What is to be taken for granted where an old file does not say. */
  readonly assume?: Assumptions;
}

/** What its options are. */
const OPTIONS: OptionKinds<LoadOptions> = {
  tokenizer: "text?",
  training: "flag?",
  assume: "object?",
  weights: oneOf(WEIGHTS),
  onDamaged: "function?",
  ...ADAPTER_OPTION_KINDS,
};

/** A checkpoint that is ready for use. */
export interface LoadedCheckpoint {
  /** The file that was meant. */
  readonly path: string;
  /** The model with its weights. */
  readonly model: RWKV;
  /** The file of the adapter that it has, if any. */
  readonly adapter?: string;
  /** What its ids stand for. */
  readonly tokenizer: Tokenizer;
  /** Where the training stood; absent from a finished model. */
  readonly train?: TrainState;
  /** Goes on from there; only with `training`, and where it stood somewhere. */
  readonly trainer?: Trainer;
}

/**
 * Loads a model and all that belongs to it.
 *
 * @param path A file, or a folder whose newest checkpoint is meant.
 * @param backend Where the model shall live.
 * @param options What is wanted of it.
 * @throws {SyntaxError} When a file is malformed.
 * @throws {RangeError} When model and tokenizer do not belong together.
 * @throws {Error} When a file cannot be read.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "./backend/reference/reference_backend.ts";
 * import { saveModel } from "./checkpoint/native/mpk_writer.ts";
 * import { loadCheckpoint } from "./load_checkpoint.ts";
 * import { RWKVConfig } from "./model/config.ts";
 * import { RWKV } from "./model/rwkv.ts";
 * import { BPETrainer } from "./tokenizer/bpe/bpe_trainer.ts";
 * import { writeVocab } from "./tokenizer/vocab/vocab_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("sim\n");
 * const { vocab } = await new BPETrainer().train([{ name: "a", bytes }]);
 * const shape = { vocabSize: vocab.size, dModel: 8, dFfn: 16 };
 * const backend = new ReferenceBackend();
 * const folder = await Deno.makeTempDir();
 * const made = new RWKV(new RWKVConfig(shape), backend);
 * await saveModel(`${folder}/model_final.mpk`, made);
 * await writeVocab(`${folder}/tokenizer.json`, vocab);
 *
 * const { model, tokenizer, train } = await loadCheckpoint(folder, backend);
 * assertEquals(model.config.vocabSize, tokenizer.vocabSize);
 * assertEquals(train, undefined); // it is finished
 * ```
 */
export async function loadCheckpoint(
  path: string,
  backend: Backend,
  given: LoadOptions = {},
): Promise<LoadedCheckpoint> {
  assertKind("load a checkpoint", "path", path, "text");
  assertKind("load a checkpoint", "backend", backend, OPEN_BACKEND);
  assertOptions("load a checkpoint", given, OPTIONS);
  const { assume, onDamaged, weights, ...options } = given;
  return await Checkpoint.use(
    path,
    { ...assume, weights, onDamaged },
    (checkpoint) => loaded(checkpoint, backend, options),
  );
}

async function loaded(
  checkpoint: Checkpoint,
  backend: Backend,
  { tokenizer: own, training = false, ...options }: LoadOptions,
): Promise<LoadedCheckpoint> {
  const { adapter, adapterAlpha: alpha, adapterLayout: layout } = options;
  checkpoint.assertModel();
  if (training && adapter !== undefined) {
    throw new TypeError("Cannot load a checkpoint: training has no adapter");
  }
  const tokenizer = tokenizerOf(await vocabOf(checkpoint, own));
  const { config, train } = checkpoint;
  const { frozenParts: frozen } = train?.training ?? {};
  // What is merged into is added to, and packed weights cannot be.
  const formats = adapter === undefined ? checkpoint.formats : undefined;
  const present = formats === undefined || training
    ? undefined
    : await checkpoint.map(backend);
  const places = { training, frozen, formats, present };
  const model = new RWKV(config, backend, places);
  const parts = { path: checkpoint.path, adapter, model, tokenizer, train };
  if (training && train !== undefined) {
    const trainer = new Trainer(model, new TrainingConfig(train.training));
    trainer.loadCheckpoint(checkpoint);
    return { ...parts, trainer };
  }
  checkpoint.loadInto(model, undefined, { present });
  if (adapter !== undefined) {
    await loadAdapter(model, adapter, { alpha, layout });
  }
  return parts;
}

/**
 * Reads the tokenizer that belongs to a model.
 *
 * @param checkpoint The model's file.
 * @param own The tokenizer's file, where it is not the one beside the model.
 * @throws {Error} When it cannot be read, or the two do not match.
 */
export async function vocabOf(
  checkpoint: Checkpoint,
  own: string | undefined,
): Promise<AnyVocab> {
  const path = own ?? `${folderOf(checkpoint.path)}/tokenizer.json`;
  return await matching(checkpoint, await readGivenVocab(path));
}

/**
 * Reads a tokenizer, or says what was given instead.
 *
 * @param path As `readAnyVocab()` takes it.
 * @throws {Error} When it cannot be read, or is something else; then with the
 * command that takes it.
 * @throws {SyntaxError} When it is no tokenizer.
 */
export async function readGivenVocab(path: string): Promise<AnyVocab> {
  return await orSayKind(
    path,
    ["a tokenizer", "tokenizer", "json"],
    () => readAnyVocab(path),
  );
}
