/**
 * Writes the weights of a model that may be nowhere in memory, one at a time.
 *
 * @module
 */

import type { RWKVConfig } from "../../model/config.ts";
import { AtomicFile } from "../../files.ts";
import { LazyBytes, writeMsgpack } from "../encoding/msgpack_writer.ts";
import { countOf, transposed } from "../encoding/tensor_encoding.ts";
import { itemTree, METADATA, type StoredWeight } from "./burn_layout.ts";

/** A weight that is fetched when it is its turn to be written. */
export interface LazyWeight {
  /** The parameter's. */
  readonly name: string;
  /** The parameter's extents. */
  readonly shape: readonly number[];
  /** Fetches its values, row by row. */
  readonly read: () => Promise<Float32Array> | Float32Array;
}

/**
 * Writes a checkpoint, whole or not at all; `saveModel` in `mpk.ts` does so for
 * a model in memory.
 *
 * @param path Where the file shall stand.
 * @param config The model's shape.
 * @param weights Its parameters, in their order.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveWeights(
  path: string,
  config: RWKVConfig,
  weights: readonly LazyWeight[],
  { train, tokenizerSha256 }: {
    readonly train?: object;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape]));
  const bytesOf = ({ name, turned }: StoredWeight) => {
    const { shape, read } = byName.get(name)!;
    return LazyBytes.ofValues(countOf(shape), async () => {
      const values = await read();
      return turned ? transposed(values, shape) : values;
    });
  };
  const tree = {
    metadata: METADATA,
    item: itemTree(config, shapes, { dtype: "F32", bytesOf }),
    _b: [],
    config: config.toJSON(),
    tokenizer: tokenizerSha256,
    train,
  };
  await using file = await AtomicFile.create(path);
  await writeMsgpack(file, tree);
  await file.commit();
}
