/**
 * Models of other programs, whatever their file: opened here, they can be
 * written as ours.
 *
 * What a file is shows in its first bytes. Nothing of the weights is in memory
 * but the one that is being read.
 *
 * @module
 */

import type { WriteOptions } from "../../files.ts";
import type { Backend } from "../../backend/backend.ts";
import { architectureOf } from "../../model/architecture.ts";
import type { TimeMixingKind } from "../../model/classic.ts";
import type { RWKVConfig } from "../../model/config.ts";
import type { Shapes, WeightSource } from "../../model/foreign.ts";
import { declaredShapes, RWKV } from "../../model/rwkv.ts";
import {
  type ByteSource,
  FileSource,
  malformed,
  malformedBy,
} from "../encoding/byte_source.ts";
import {
  keptBlocks,
  loadWeights,
  packedFormats,
} from "../quantized/packing.ts";
import type { FileTensors } from "../encoding/tensor_file.ts";
import { GGUF_MAGIC, readGguf } from "../formats/gguf/gguf_reader.ts";
import { readRwkvCpp, RWKV_CPP_MAGIC } from "../formats/rwkv_cpp.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { readTorch } from "../formats/torch/torch.ts";
import type { StoredType } from "../quantized/packing.ts";
import { Checkpoint } from "../native/mpk_reader.ts";
import { saveWeights } from "../native/mpk_writer.ts";
import { resolveCheckpoint } from "../native/paths.ts";
import { inflateGzip } from "./gzip.ts";
import { officialNames } from "./foreign_names.ts";
import { recognise } from "./official_weights.ts";
import { weightsIn } from "./weights_in_folder.ts";

/** What can be read. */
export type ImportFormat =
  | "safetensors"
  | "torch"
  | "rwkv.cpp"
  | "gguf"
  | "burn";

/** What a file does not say. */
export interface ImportOptions {
  /** What a classic model attends over. Default "channels", as its program. */
  readonly timeMixing?: TimeMixingKind;
  /** Tokens of a window. */
  readonly maxSeqLen?: number;
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
export class ForeignModel implements WeightSource, Disposable {
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** The names and shapes of the weights. */
  readonly shapes: Shapes;
  readonly #model: Opened;

  private constructor(
    /** The file. */
    readonly path: string,
    /** What it was written as. */
    readonly format: ImportFormat,
    model: Opened,
    /** What was left out or assumed, a sentence each. */
    readonly notes: readonly string[],
  ) {
    this.config = model.config;
    this.shapes = model.shapes;
    this.#model = model;
  }

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
    const { source, format } = await openSource(file, options);
    try {
      return format === "burn"
        ? ForeignModel.#burn(file, source, options)
        : ForeignModel.#official(file, format, source, options);
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }

  static #burn(
    path: string,
    source: ByteSource & Disposable,
    options: ImportOptions,
  ): ForeignModel {
    const checkpoint = new Checkpoint(path, source, options);
    checkpoint.assertModel();
    const { config, train } = checkpoint;
    const notes: string[] = [];
    if (architectureOf(config).fields.timeMixing !== undefined) {
      notes.push(
        `It attends over ${
          config.timeMixing === "channels"
            ? "channels, as the Rust program's code did"
            : "time, as the Rust program's documents said"
        }; --time-mixing says otherwise`,
      );
    }
    if (train !== undefined) {
      notes.push("The state of its training is left out");
    }
    return new ForeignModel(path, "burn", checkpoint, notes);
  }

  static #official(
    path: string,
    format: Exclude<ImportFormat, "burn">,
    source: ByteSource & Disposable,
    options: ImportOptions,
  ): ForeignModel {
    const found = officialNames(source, READERS[format](source));
    try {
      const { config, tensors, notes } = recognise(found, options);
      return new ForeignModel(path, format, {
        config,
        tensors,
        shapes: declaredShapes(config),
        readWeight: (name) => tensors.get(name)!.read(),
        [Symbol.dispose]: () => source[Symbol.dispose](),
      }, notes);
    } catch (error) {
      throw malformedBy(source, error);
    }
  }

  /**
   * Reads a weight in the model's layout.
   *
   * @param name A parameter's.
   * @throws {SyntaxError} When a value is not finite.
   */
  readWeight(name: string): Float32Array {
    return this.#model.readWeight(name);
  }

  /**
   * Makes the model in memory.
   *
   * @param backend Where it shall live.
   * @throws {SyntaxError} When a value is not finite.
   */
  load(backend: Backend): RWKV {
    const formats = packedFormats(this.config, this.#model.tensors);
    const model = new RWKV(this.config, backend, { formats });
    loadWeights(model, this.#model.tensors);
    return model;
  }

  /** The weights that are quantised and stay so. */
  get quantised(): ReadonlyMap<string, StoredType> {
    return keptBlocks(this.config, this.#model.tensors);
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
    const { config, shapes } = this;
    const readWeight = (name: string) => {
      onWeight?.(name);
      return this.readWeight(name);
    };
    const { tensors } = this.#model;
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

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#model[Symbol.dispose]();
  }
}

/** A model as its file has it. */
type Opened = WeightSource & Disposable & {
  /** The weights' tensors. */
  readonly tensors: FileTensors;
};

const READERS: Record<
  Exclude<ImportFormat, "burn">,
  (source: ByteSource) => FileTensors
> = {
  safetensors: (source) => readSafetensors(source).tensors,
  torch: readTorch,
  "rwkv.cpp": readRwkvCpp,
  gguf: readGguf,
};

/** The file and what it is; inflated, where it is a gzip. */
async function openSource(
  path: string,
  { scratch = "." }: ImportOptions,
): Promise<{ source: ByteSource & Disposable; format: ImportFormat }> {
  const file = await FileSource.open(path, "model");
  try {
    const format = formatOf(file);
    if (format !== "gzip") return { source: file, format };
    const source = await inflateGzip(file, scratch);
    file[Symbol.dispose]();
    return { source, format: "burn" };
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

/** What PyTorch wrote before 1.6: pickles one after another, no zip. */
const OLD_TORCH = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46];

/** Tells formats by their first bytes. */
function formatOf(source: ByteSource): ImportFormat | "gzip" {
  const head = new Uint8Array(Math.min(9, source.length));
  source.read(head, 0);
  // A small 64-bit number, and a brace: nothing else begins so.
  if (head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)) {
    return "safetensors";
  }
  const begins = (...bytes: number[]) =>
    bytes.every((byte, i) => head[i] === byte);
  if (begins(0x50, 0x4b)) return "torch"; // PK
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(...OLD_TORCH)) {
    throw malformed(
      source,
      "it is in PyTorch's format from before 1.6; load it there and save it " +
        "with a later one",
    );
  }
  if (begins(0x80)) throw malformed(source, "it is a bare pickle");
  if (head.length >= 4) {
    const magic = new DataView(head.buffer).getUint32(0, true);
    if (magic === RWKV_CPP_MAGIC) return "rwkv.cpp";
    if (magic === GGUF_MAGIC) return "gguf";
  }
  // A map in MessagePack, small or large.
  if (head[0] >> 4 === 8 || head[0] === 0xde || head[0] === 0xdf) return "burn";
  throw malformed(
    source,
    "it is none of safetensors, PyTorch's .pth, rwkv.cpp's .bin, GGUF, Burn's .mpk",
  );
}
