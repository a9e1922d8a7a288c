/**
 * Models of other programs, whatever their file, from its bytes.
 *
 * What a file is shows in its first bytes. Nothing of the weights is in memory
 * but the one that is being read.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { architectureOf } from "../../model/architecture.ts";
import type { TimeMixingKind } from "../../model/classic.ts";
import type { RWKVConfig } from "../../model/config.ts";
import type { Shapes, WeightSource } from "../../model/foreign.ts";
import { declaredShapes, RWKV } from "../../model/rwkv.ts";
import {
  type ByteSource,
  malformed,
  malformedBy,
} from "../encoding/byte_source.ts";
import {
  keptBlocks,
  loadWeights,
  packedFormats,
} from "../quantized/packing.ts";
import type { FileTensors } from "../encoding/tensor_file.ts";
import { readGguf } from "../formats/gguf/gguf_reader.ts";
import { readRwkvCpp } from "../formats/rwkv_cpp.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import { readTorch } from "../formats/torch/torch.ts";
import type { StoredType } from "../quantized/packing.ts";
import { CheckpointReader } from "../native/checkpoint_reader.ts";
import { formatOf, type ImportFormat } from "./file_format.ts";
import { officialNames } from "./foreign_names.ts";
import { recognise } from "./official_weights.ts";

/** What a file does not say. */
export interface ForeignOptions {
  /** What a classic model attends over. Default "channels", as its program. */
  readonly timeMixing?: TimeMixingKind;
  /** Tokens of a window. */
  readonly maxSeqLen?: number;
}

/**
 * Another program's model whose bytes are at hand, wherever they are;
 * `ForeignModel` opens files. Its structure has been checked in full; values are
 * read when asked for.
 *
 * @example
 * ```ts
 * import { ForeignReader } from "./foreign_reader.ts";
 * import { memorySource } from "../encoding/byte_source.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const source = memorySource("the file", new TextEncoder().encode("text"));
 * assertThrows(
 *   () => new ForeignReader("a.txt", source),
 *   SyntaxError,
 *   "Cannot read the file: it is none of safetensors",
 * );
 * ```
 */
export class ForeignReader implements WeightSource, Disposable {
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** The names and shapes of the weights. */
  readonly shapes: Shapes;
  /** What it was written as. */
  readonly format: ImportFormat;
  /** What was left out or assumed, a sentence each. */
  readonly notes: readonly string[];
  readonly #model: Opened;

  /**
   * Reads the structure of a file that is open.
   *
   * @param path What it is called.
   * @param source Its bytes, closed with this.
   * @param options What it does not say.
   * @throws {SyntaxError} When it is malformed, incomplete, or no model that
   * can be used; a gzip is to be inflated first.
   */
  constructor(
    /** The file. */
    readonly path: string,
    source: ByteSource & Disposable,
    options: ForeignOptions = {},
  ) {
    const format = formatOf(source);
    if (format === "gzip") {
      throw malformed(source, "it is a gzip, to be inflated first");
    }
    const { model, notes } = format === "burn"
      ? openBurn(path, source, options)
      : openOfficial(format, source, options);
    this.format = format;
    this.notes = notes;
    this.config = model.config;
    this.shapes = model.shapes;
    this.#model = model;
  }

  /**
   * The weights' tensors.
   *
   * @internal
   */
  get tensors(): FileTensors {
    return this.#model.tensors;
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
   * @param training Whether it shall be trained: reserves gradients.
   * @throws {SyntaxError} When a value is not finite.
   */
  load(backend: Backend, training = false): RWKV {
    const formats = packedFormats(this.config, this.#model.tensors);
    const model = new RWKV(this.config, backend, { training, formats });
    loadWeights(model, this.#model.tensors);
    return model;
  }

  /** The weights that are quantised and stay so. */
  get quantised(): ReadonlyMap<string, StoredType> {
    return keptBlocks(this.config, this.#model.tensors);
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

function openBurn(
  path: string,
  source: ByteSource & Disposable,
  options: ForeignOptions,
): { model: Opened; notes: string[] } {
  const checkpoint = new CheckpointReader(path, source, options);
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
  return { model: checkpoint, notes };
}

function openOfficial(
  format: Exclude<ImportFormat, "burn">,
  source: ByteSource & Disposable,
  options: ForeignOptions,
): { model: Opened; notes: readonly string[] } {
  const found = officialNames(source, READERS[format](source));
  try {
    const { config, tensors, notes } = recognise(found, options);
    const model: Opened = {
      config,
      tensors,
      shapes: declaredShapes(config),
      readWeight: (name) => tensors.get(name)!.read(),
      [Symbol.dispose]: () => source[Symbol.dispose](),
    };
    return { model, notes };
  } catch (error) {
    throw malformedBy(source, error);
  }
}

const READERS: Record<
  Exclude<ImportFormat, "burn">,
  (source: ByteSource) => FileTensors
> = {
  safetensors: (source) => readSafetensors(source).tensors,
  torch: readTorch,
  "rwkv.cpp": readRwkvCpp,
  gguf: readGguf,
};
