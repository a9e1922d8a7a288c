/**
 * Writes checkpoints: one MessagePack map in Burn's layout, `{metadata, item, _b}`,
 * plus `config`, `tokenizer`, checksums and, during training, `train`, which
 * Burn ignores.
 * One file and one rename, so that weights, moments and data position can never disagree.
 *
 * Nothing in a file depends on the clock: equal states give equal bytes. Tensors
 * pass one at a time, so a model is never in memory twice. What reads the files
 * is in `mpk_reader.ts`.
 *
 * @module
 */

import {
  type PendingFile,
  platform,
  type SignalOptions,
  type WriteOptions,
} from "../../platform.ts";
import { adapterTensors } from "../../model/adapter.ts";
import type { WeightSource } from "../../model/foreign.ts";
import type { Parameter } from "../../model/parameters.ts";
import { declaredShapes, type RWKV } from "../../model/rwkv.ts";
import type { SavedState } from "../../model/state.ts";
import {
  type ByteSink,
  CHECKSUMS,
  Checksums,
  LazyBytes,
  writeMsgpack,
} from "../encoding/msgpack_writer.ts";
import { byteLengthOf } from "../encoding/elements.ts";
import { isBlocks, type StoredType } from "../quantized/packing.ts";
import {
  countOf,
  encodedPieces,
  type ExportType,
  transposed,
} from "../encoding/tensor_encoding.ts";
import {
  itemTree,
  recorderMetadata,
  type StoredWeight,
} from "./burn_layout.ts";
import { statesTree } from "./states_tree.ts";
import {
  type MomentReaders,
  type TrainState,
  trainTree,
} from "./train_state.ts";

/** What {@linkcode saveModel} adds to a checkpoint from which to go on. */
export interface TrainSnapshot {
  /** Where the run stands. */
  readonly state: TrainState;
  /** What fetches the moments of a parameter, in its own layout. */
  readonly moments: (parameter: Parameter) => MomentReaders;
  /** What is carried on to the next step, where the run does that. */
  readonly states?: readonly SavedState[];
}

/**
 * Writes a model, whole or not at all; of one beside which an adapter is trained
 * the adapter alone.
 *
 * @param target Where the file shall stand, as a rule `checkpoint_{step}.mpk` or
 * `model_final.mpk`; what stood there is replaced only once all is written. Or
 * what takes its bytes, where there are no files.
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
  target: string | ByteSink,
  model: RWKV,
  { train, ...options }: SignalOptions & {
    readonly train?: TrainSnapshot;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  const { config, backend } = model;
  const parameters = new Map(
    [...model.parameters].map((parameter) => [parameter.name, parameter]),
  );
  const { adapter } = model, all = declaredShapes(config);
  const shapes = adapter === undefined
    ? all
    : adapterTensors(config, all, adapter);
  const readWeight = (name: string) => backend.read(parameters.get(name)!.data);
  await saveWeights(target, { config, shapes, readWeight }, {
    ...options,
    train: train && {
      ...trainTree(
        train.state,
        shapes,
        (name) => train.moments(parameters.get(name)!),
      ),
      ...train.states && { states: statesTree(train.states) },
    },
  });
}

/**
 * Writes the weights of a model that may be nowhere in memory, whole or not at
 * all, one at a time.
 *
 * @param target Where the file shall stand, or what takes its bytes.
 * @param model The model; `readWeight` is asked for each when it is its turn.
 * `typeOf` says how it is stored, F32 unless given; what is blocks is asked for
 * by `readBlocks`.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes, `signal` may end the work, `staging` moves the file.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveWeights(
  target: string | ByteSink,
  model: Pick<WeightSource, "config" | "shapes"> & {
    readWeight(name: string): Promise<Float32Array> | Float32Array;
    typeOf?(name: string): StoredType;
    readBlocks?(name: string): Promise<Uint8Array> | Uint8Array;
  },
  { train, tokenizerSha256, ...options }: WriteOptions & {
    readonly train?: object;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  const { config, shapes } = model;
  const dtypeOf = (name: string) => model.typeOf?.(name) ?? "F32";
  const bytesOf = ({ name, turned }: StoredWeight) => {
    const shape = shapes.get(name)!, type = dtypeOf(name);
    const values = async () => {
      const own = await model.readWeight(name);
      return turned ? transposed(own, shape) : own;
    };
    if (type === "F32") return LazyBytes.ofValues(countOf(shape), values);
    return new LazyBytes(
      byteLengthOf(type, countOf(shape)),
      async function* () {
        if (isBlocks(type)) return yield await model.readBlocks!(name);
        const read = await values();
        yield* encodedPieces({
          ...{ name, shape, values: () => read },
          type: type as ExportType,
        });
      },
    );
  };
  const tree = {
    metadata: recorderMetadata("F32"),
    item: itemTree(config, shapes, { dtypeOf, bytesOf }),
    _b: [],
    config: config.toJSON(),
    tokenizer: tokenizerSha256,
    train,
    [CHECKSUMS]: new Checksums(),
  };
  if (typeof target !== "string") {
    const write = async (bytes: Uint8Array) => {
      options.signal?.throwIfAborted();
      await target.write(bytes);
    };
    return await writeMsgpack({ write }, tree);
  }
  await using file = await created(target, options);
  await writeMsgpack(file, tree);
  await file.commit();
}

async function created(
  path: string,
  options: WriteOptions,
): Promise<PendingFile> {
  if (platform.createFile !== undefined) {
    return await platform.createFile(path, options);
  }
  throw new Error(
    `Cannot write "${path}": this entry of the library has no files; in Deno ` +
      "import also @ptbr-slm/ptbr-slm/dataset",
  );
}
