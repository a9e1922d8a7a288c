/**
 * Writes `.mpk` files as the Rust program's recorders do, with nothing beside
 * what they write: `CompactRecorder` in half precision, `DefaultRecorder` in
 * full. Layout and names are in `burn.ts`.
 *
 * @module
 */

import { AtomicFile, type WriteOptions } from "../../files.ts";
import { architectureOf } from "../../model/architecture.ts";
import type { WeightSource } from "../../model/foreign.ts";
import { LazyBytes, writeMsgpack } from "../encoding/msgpack_writer.ts";
import {
  encodedLength,
  encodedPieces,
  transposed,
} from "../encoding/tensor_encoding.ts";
import {
  itemTree,
  recorderMetadata,
  type StoredWeight,
} from "../native/burn_layout.ts";

/** The precisions that the program's recorders have. */
export type BurnType = "F32" | "F16";

/**
 * Writes a model, whole or not at all.
 *
 * @param path Where it shall stand.
 * @param model A `classic` model with its `ln_pre`.
 * @param type Full or half precision; the program itself wrote half.
 * @param options What may end the work.
 * @returns What of the model the program computes otherwise, a sentence each.
 * @throws {RangeError} When the program could not load the model.
 * @throws {Error} When the system refuses; nothing is left behind.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { writeBurn } from "./burn_writer.ts";
 * import { Checkpoint } from "../native/mpk_reader.ts";
 * import { saveModel } from "../native/mpk_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shape = { vocabSize: 10, dModel: 8, dFfn: 16 };
 * const config = new RWKVConfig({ architecture: "classic", ...shape });
 * const folder = await Deno.makeTempDir();
 * const model = new RWKV(config, new ReferenceBackend());
 * await saveModel(`${folder}/model_final.mpk`, model);
 * using checkpoint = await Checkpoint.open(folder);
 * await writeBurn(`${folder}/burn.mpk`, checkpoint, "F16");
 * using burn = await Checkpoint.open(`${folder}/burn.mpk`);
 * assertEquals(burn.config.timeMixing, "channels"); // it does not say
 * ```
 */
export async function writeBurn(
  path: string,
  model: WeightSource,
  type: BurnType,
  options: WriteOptions = {},
): Promise<string[]> {
  const { config, shapes } = model;
  const { architecture, embeddingNorm, timeMixing } = config;
  const hadIt = architectureOf(config).rust !== undefined;
  if (!hadIt || !embeddingNorm) {
    throw new RangeError(
      `Cannot export to burn: the Rust program has no ${
        hadIt ? "model without ln_pre" : architecture
      }`,
    );
  }
  const bytesOf = ({ name, shape, turned }: StoredWeight) => {
    const values = () => {
      const weight = model.readWeight(name);
      return turned ? transposed(weight, shapes.get(name)!) : weight;
    };
    const tensor = { name, shape, type, values };
    return new LazyBytes(encodedLength(tensor), async function* () {
      yield* encodedPieces(tensor);
    });
  };
  const tree = {
    metadata: recorderMetadata(type),
    item: itemTree(config, shapes, { dtypeOf: () => type, bytesOf }),
    _b: [],
  };
  const notes = timeMixing === "channels" ? [] : [
    "The Rust program takes the softmax over the channels, this model over " +
    "time: there it computes something else, and here it needs " +
    "--time-mixing attention",
  ];
  await using file = await AtomicFile.create(path, options);
  await writeMsgpack(file, tree);
  await file.commit();
  return notes;
}
