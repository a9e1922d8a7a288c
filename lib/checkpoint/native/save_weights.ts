/**
 * Writes the weights of a model that may be nowhere in memory, one at a time.
 *
 * @module
 */

import type { RWKVConfig } from "../../model/config.ts";
import { AtomicFile } from "../../files.ts";
import type { Shapes } from "../../model/foreign.ts";
import { LazyBytes, writeMsgpack } from "../encoding/msgpack_writer.ts";
import { countOf, transposed } from "../encoding/tensor_encoding.ts";
import { itemTree, METADATA, type StoredWeight } from "./burn_layout.ts";

/** A model whose weights can be fetched one by one, each when it is its turn. */
export interface LazyWeights {
  /** Its shape. */
  readonly config: RWKVConfig;
  /** The names and extents of its weights, in their order. */
  readonly shapes: Shapes;
  /** Fetches a weight, row by row. */
  readWeight(name: string): Promise<Float32Array> | Float32Array;
}

/**
 * Writes a checkpoint, whole or not at all; `saveModel` in `mpk.ts` does so for
 * a model in memory.
 *
 * @param path Where the file shall stand.
 * @param model The model.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveWeights(
  path: string,
  model: LazyWeights,
  { train, tokenizerSha256 }: {
    readonly train?: object;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  const { config, shapes } = model;
  const bytesOf = ({ name, turned }: StoredWeight) => {
    const shape = shapes.get(name)!;
    return LazyBytes.ofValues(countOf(shape), async () => {
      const values = await model.readWeight(name);
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
