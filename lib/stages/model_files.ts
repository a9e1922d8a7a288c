/**
 * Models, datasets and their tokenizers, as the stages that use them need them.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { withLora } from "../checkpoint/formats/adapter_merge.ts";
import {
  type Checkpoint,
  WEIGHTS,
  type WhichWeights,
} from "../checkpoint/native/mpk_reader.ts";
import { resolveCheckpoint } from "../checkpoint/native/paths.ts";
import { folderOf, withoutSlash } from "../files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { openAdapter } from "../load_adapter.ts";
import {
  ADAPTER_OPTION_KINDS,
  type AdapterOptions,
  loadCheckpoint,
  type LoadedCheckpoint,
  type LoadOptions,
  readGivenVocab,
} from "../load_checkpoint.ts";
import { TIME_MIXINGS, type TimeMixingKind } from "../model/classic.ts";
import type { WeightSource } from "../model/foreign.ts";
import { oneOf, type OptionKinds } from "../option_kinds.ts";
import type { AnyVocab } from "../tokenizer/vocab/any_tokenizer.ts";

/** Which model a stage uses. */
export interface ModelFiles
  extends Pick<LoadOptions, "onDamaged">, AdapterOptions {
  /** `model_final.mpk` or a checkpoint, or their folder. */
  readonly model: string;
  /** Its `tokenizer.json` or World vocabulary; that beside it unless given. */
  readonly tokenizer?: string;
  /** How an old file attends: as documented, or as the Rust code did. */
  readonly timeMixing?: TimeMixingKind;
  /**
   * Which weights of a checkpoint are meant: those of its step (`last`), or the
   * averages that a run keeps with `emaDecay`; these unless given, where there are
   * any. A finished model has one set: the averages, where its run kept any.
   */
  readonly weights?: WhichWeights;
}

/** What its options are. */
export const MODEL_KINDS: OptionKinds<ModelFiles> = {
  model: "text",
  tokenizer: "text?",
  timeMixing: oneOf(TIME_MIXINGS),
  weights: oneOf(WEIGHTS),
  onDamaged: "function?",
  ...ADAPTER_OPTION_KINDS,
};

/**
 * Refuses what is plainly no model, before anything is started for it.
 *
 * @param path What was given as one.
 * @throws {Error} When there is nothing, or something else; then with the
 * command that takes it.
 */
export async function assertModel(path: string): Promise<void> {
  await refuseOtherKinds(path, "a model", ["model", "nothing"]);
  await resolveCheckpoint(path);
}

/**
 * Refuses what is plainly no dataset.
 *
 * @param path What was given as one.
 * @throws {Error} When it is something else, with the command that takes it.
 */
export async function assertDataset(path: string): Promise<void> {
  await refuseOtherKinds(path, "a dataset", ["dataset", "tokens", "nothing"]);
}

/**
 * Reads a tokenizer.
 *
 * @param path As given by the user, if it was.
 * @param beside A file or folder beside which it is looked for otherwise.
 */
export async function openVocab(
  path: string | undefined,
  beside: string,
): Promise<AnyVocab> {
  if (path !== undefined) return await readGivenVocab(path);
  const isFolder = await Deno.stat(beside).then(
    ({ isDirectory }) => isDirectory,
    () => true, // opening it says what is wrong
  );
  const folder = isFolder ? withoutSlash(beside) : folderOf(beside);
  return await readGivenVocab(`${folder}/tokenizer.json`);
}

/**
 * Reads a model and the tokenizer that belongs to it.
 *
 * @param files Where they are.
 * @param backend Where the model shall live.
 * @throws {Error} When a file cannot be read, or the two do not match.
 */
export async function openModel(
  { model, timeMixing, ...files }: ModelFiles,
  backend: Backend,
): Promise<LoadedCheckpoint> {
  const { tokenizer, weights, onDamaged } = files;
  const { adapter, adapterAlpha, adapterLayout } = files;
  return await loadCheckpoint(model, backend, {
    tokenizer,
    weights,
    assume: { timeMixing },
    onDamaged,
    adapter,
    adapterAlpha,
    adapterLayout,
  });
}

/**
 * The weights of a model with those of its adapter in them.
 *
 * @param checkpoint The model.
 * @param files What names the adapter; without one the model is as it was.
 * @throws {RangeError} When the adapter is none of weights.
 */
export async function withAdapter(
  checkpoint: Checkpoint,
  { adapter: path, adapterAlpha: alpha, adapterLayout: layout }: AdapterOptions,
): Promise<WeightSource> {
  if (path === undefined) return checkpoint;
  const adapter = await openAdapter(path, checkpoint, { alpha, layout });
  if (adapter.shape.kind === "lora") return withLora(checkpoint, adapter);
  throw new RangeError(
    `Cannot merge "${path}" into "${checkpoint.path}": a state is no weight; give its file to who uses the model`,
  );
}
