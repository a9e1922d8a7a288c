/**
 * Writes checkpoints: one MessagePack map in Burn's layout, `{metadata, item, _b}`,
 * plus `config`, `tokenizer`, checksums and, during training, `train`, which
 * Burn ignores.
 *
 * Nothing in a file depends on the clock: equal states give equal bytes. Tensors
 * pass one at a time, so a model is never in memory twice. Where the bytes go is
 * the caller's matter: `mpk_writer.ts` has files, `checkpoint_reader.ts` reads.
 *
 * @module
 */

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

/** What {@linkcode writeModel} adds to a checkpoint from which to go on. */
export interface TrainSnapshot {
  /** Where the run stands. */
  readonly state: TrainState;
  /** What fetches the moments of a parameter, in its own layout. */
  readonly moments: (parameter: Parameter) => MomentReaders;
  /** What is carried on to the next step, where the run does that. */
  readonly states?: readonly SavedState[];
}

/** What a checkpoint has beside its model. */
export interface CheckpointOptions {
  /** What is needed to go on from here. */
  readonly train?: TrainSnapshot;
  /** Which tokenizer its ids are of, see `identityOf`. */
  readonly tokenizerSha256?: string;
}

/** A model that may be nowhere in memory. */
export interface WeightsToWrite
  extends Pick<WeightSource, "config" | "shapes"> {
  /** Asked for each weight when it is its turn. */
  readWeight(name: string): Promise<Float32Array> | Float32Array;
  /** How it is stored, F32 unless given. */
  typeOf?(name: string): StoredType;
  /** What is asked for one that is blocks. */
  readBlocks?(name: string): Promise<Uint8Array> | Uint8Array;
}

/**
 * Writes a model; of one beside which an adapter is trained the adapter alone.
 *
 * @param sink Where the bytes go.
 * @param model The model.
 * @param options What the checkpoint has beside it.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { writeModel } from "./checkpoint_writer.ts";
 * import { assert } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * let bytes = 0;
 * const write = (piece: Uint8Array) => {
 *   bytes += piece.length;
 *   return Promise.resolve();
 * };
 * await writeModel({ write }, model);
 * assert(bytes > 4 * model.numParameters());
 * ```
 */
export async function writeModel(
  sink: ByteSink,
  model: RWKV,
  { train, tokenizerSha256 }: CheckpointOptions = {},
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
  await writeWeights(sink, { config, shapes, readWeight }, {
    tokenizerSha256,
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
 * Writes the weights of a model one at a time.
 *
 * @param sink Where the bytes go.
 * @param model The model.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes.
 */
export async function writeWeights(
  sink: ByteSink,
  model: WeightsToWrite,
  { train, tokenizerSha256 }: {
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
  await writeMsgpack(sink, tree);
}
