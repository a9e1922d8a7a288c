/**
 * Writes checkpoints to files: one file and one rename, so that weights, moments
 * and data position can never disagree. What is in them is
 * `checkpoint_writer.ts`; what reads them is in `mpk_reader.ts`.
 *
 * @module
 */

import {
  AtomicFile,
  type SignalOptions,
  type WriteOptions,
} from "../../files.ts";
import type { RWKV } from "../../model/rwkv.ts";
import {
  type CheckpointOptions,
  type WeightsToWrite,
  writeModel,
  writeWeights,
} from "./checkpoint_writer.ts";

/**
 * Writes a model, whole or not at all; of one beside which an adapter is trained
 * the adapter alone.
 *
 * @param path Where the file shall stand, as a rule `checkpoint_{step}.mpk` or
 * `model_final.mpk`; what stood there is replaced only once all is written.
 * @param model The model.
 * @param options `train` to be able to go on from here, `tokenizerSha256` to say
 * which tokenizer its ids are of (see `identityOf`), `signal` to end the work.
 * @throws {Error} When the system refuses; nothing is left behind.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { loadModel } from "./mpk_reader.ts";
 * import { saveModel } from "./mpk_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, backend);
 * model.initialize(42);
 * const path = await Deno.makeTempDir() + "/model_final.mpk";
 * await saveModel(path, model);
 * assertEquals((await loadModel(path, backend)).config, config);
 * ```
 */
export async function saveModel(
  path: string,
  model: RWKV,
  { signal, ...options }: SignalOptions & CheckpointOptions = {},
): Promise<void> {
  await using file = await AtomicFile.create(path, { signal });
  await writeModel(file, model, options);
  await file.commit();
}

/**
 * Writes the weights of a model that may be nowhere in memory, whole or not at
 * all, one at a time.
 *
 * @param path Where the file shall stand.
 * @param model The model; `readWeight` is asked for each when it is its turn.
 * `typeOf` says how it is stored, F32 unless given; what is blocks is asked for
 * by `readBlocks`.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes, `signal` may end the work, `staging` moves the file.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveWeights(
  path: string,
  model: WeightsToWrite,
  { train, tokenizerSha256, ...options }: WriteOptions & {
    readonly train?: object;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  await using file = await AtomicFile.create(path, options);
  await writeWeights(file, model, { train, tokenizerSha256 });
  await file.commit();
}
