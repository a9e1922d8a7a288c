/**
 * Models of other programs as files: opened here, they can be written as ours.
 * What is in them is read by `foreign_reader.ts`.
 *
 * @module
 */

import type { WriteOptions } from "../../files.ts";
import type { ByteSource } from "../encoding/byte_source.ts";
import { FileSource } from "../encoding/file_source.ts";
import { saveWeights } from "../native/mpk_writer.ts";
import { resolveCheckpoint } from "../native/paths.ts";
import { formatOf } from "./file_format.ts";
import { type ForeignOptions, ForeignReader } from "./foreign_reader.ts";
import { inflateGzip } from "./gzip.ts";
import { weightsIn } from "./weights_in_folder.ts";

export type { ImportFormat } from "./file_format.ts";

/** What a file does not say, and where it can be inflated. */
export interface ImportOptions extends ForeignOptions {
  /** Where a file can be inflated; the working folder by itself. */
  readonly scratch?: string;
}

/**
 * Another program's model, open for reading. Its structure has been checked in
 * full; values are read when asked for.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { ForeignModel } from "./foreign_model.ts";
 * import { loadModel } from "../native/mpk_reader.ts";
 * import { saveModel } from "../native/mpk_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({
 *   architecture: "classic",
 *   vocabSize: 10,
 *   dModel: 8,
 *   dFfn: 16,
 * });
 * const backend = new ReferenceBackend();
 * const folder = await Deno.makeTempDir();
 * await saveModel(`${folder}/old.mpk`, new RWKV(config, backend));
 *
 * using model = await ForeignModel.open(`${folder}/old.mpk`);
 * await model.save(`${folder}/model_final.mpk`);
 * const { config: same } = await loadModel(folder, backend);
 * assertEquals(same, config);
 * ```
 */
export class ForeignModel extends ForeignReader {
  /**
   * Opens a model; dispose of it to close the file.
   *
   * @param path The file, or the folder that holds it.
   * @param options What it does not say.
   * @throws {SyntaxError} When it is malformed, incomplete, or no model that
   * can be used.
   * @throws {Error} When it cannot be read.
   */
  static async open(
    path: string,
    options: ImportOptions = {},
  ): Promise<ForeignModel> {
    const file = await meant(path);
    const source = await openSource(file, options);
    try {
      return new ForeignModel(file, source, options);
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Writes the model as ours. Linear maps that are quantised stay so.
   *
   * @param path Where it shall stand.
   * @param options `tokenizerSha256` as `saveModel` takes it; `onWeight` hears
   * of each weight before it is read, `signal` may end the work.
   * @throws {SyntaxError} When a value is not finite.
   * @throws {Error} When the system refuses; nothing is left behind.
   */
  async save(
    path: string,
    { onWeight, ...options }: WriteOptions & {
      readonly tokenizerSha256?: string;
      readonly onWeight?: (name: string) => void;
    } = {},
  ): Promise<void> {
    const { config, shapes, tensors } = this;
    const readWeight = (name: string) => {
      onWeight?.(name);
      return this.readWeight(name);
    };
    const kept = this.quantised;
    await saveWeights(path, {
      ...{ config, shapes, readWeight },
      typeOf: (name) => kept.get(name) ?? "F32",
      readBlocks: (name) => {
        onWeight?.(name);
        return tensors.get(name)!.readBlocks!();
      },
    }, options);
  }
}

/** The file; inflated, where it is a gzip. */
async function openSource(
  path: string,
  { scratch = "." }: ImportOptions,
): Promise<ByteSource & Disposable> {
  const file = await FileSource.open(path, "model");
  try {
    if (formatOf(file) !== "gzip") return file;
    const source = await inflateGzip(file, scratch);
    file[Symbol.dispose]();
    return source;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/**
 * A folder means the weights in it; the Rust program's `x.bin`, or a bare `x`,
 * was its file `x.mpk`.
 */
async function meant(path: string): Promise<string> {
  return await Deno.stat(path).then(
    ({ isDirectory }) => isDirectory ? weightsIn(path) : path,
    () => resolveCheckpoint(path).catch(() => path), // opening says the error
  );
}
