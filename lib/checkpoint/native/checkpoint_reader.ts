/**
 * Reads the bytes of checkpoints, those of `mpk_writer.ts` and the ones that the Rust program
 * or Burn itself wrote. The structure of a file is checked in full before
 * anything is made of it, and tensors pass one at a time.
 *
 * @module
 */

import type { Backend, Memory } from "../../backend/backend.ts";
import { crc32 } from "../../crc32.ts";
import { type AdapterShape, adapterTensors } from "../../model/adapter.ts";
import { RWKVConfig } from "../../model/config.ts";
import type { Shapes } from "../../model/foreign.ts";
import { declaredShapes, productWeights, type RWKV } from "../../model/rwkv.ts";
import type { SavedState } from "../../model/state.ts";
import {
  type ByteSource,
  malformed,
  malformedBy,
  Span,
} from "../encoding/byte_source.ts";
import { holdsChecksum, readElements } from "../encoding/elements.ts";
import { readMsgpack } from "../encoding/msgpack_reader.ts";
import { CHECKSUMS } from "../encoding/msgpack_writer.ts";
import {
  type FileTensors,
  matchTensors,
  turnedTensor,
} from "../encoding/tensor_file.ts";
import {
  loadWeights,
  packedFormats,
  type StoredType,
} from "../quantized/packing.ts";
import type { PackedFormat, PackedMatrix } from "../../tensor/packed.ts";
import {
  type Assumptions,
  inferConfig,
  isRecord,
  isTransposed,
  scalarFields,
  tensorsOf,
} from "./burn_layout.ts";
import { mapWeights } from "./mapped_weights.ts";
import type { StoredBlockState } from "./states_tree.ts";
import {
  type Moments,
  readRecipe,
  readTrainTree,
  type StoredMoments,
  type TrainState,
} from "./train_state.ts";

/** The fields of a file; what Burn writes has the first three. */
const FIELDS = [
  ...["metadata", "item", "_b"],
  ...["config", "tokenizer", "train", CHECKSUMS],
];

/** Bytes of a moment's value. */
const F32 = 4;

/** Which weights of a checkpoint are meant: those of its step, or averages. */
export const WEIGHTS = ["last", "average"] as const;

/** Which weights of a checkpoint are meant. */
export type WhichWeights = typeof WEIGHTS[number];

/** How a file is opened. */
export interface Opening extends Assumptions {
  /**
   * Which weights are read: those of the step, or the averages that a run keeps
   * with `emaDecay`; these unless given, where there are any.
   */
  readonly weights?: WhichWeights;
}

/**
 * A checkpoint whose bytes are at hand, wherever they are; `Checkpoint` opens
 * files. Its structure has been checked in full; values are read when asked for.
 *
 * @example
 * ```ts
 * import { CheckpointReader } from "./checkpoint_reader.ts";
 * import { memorySource } from "../encoding/byte_source.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const source = memorySource("checkpoint of the page", Uint8Array.of(0x80));
 * assertThrows(
 *   () => new CheckpointReader("a.mpk", source),
 *   SyntaxError,
 *   "Cannot read checkpoint of the page: it has no item",
 * );
 * ```
 */
export class CheckpointReader implements Disposable {
  /** The file it stands in. */
  readonly path: string;
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** What adapter it holds, without the model that was trained with it. */
  readonly adapter?: AdapterShape;
  /** The names and shapes of the weights. */
  readonly shapes: Shapes;
  /** Identity of the tokenizer; old files do not say. */
  readonly tokenizerSha256?: string;
  /** Where the training stood; absent from a finished model. */
  readonly train?: TrainState;
  /** Which weights are read. */
  readonly weights: WhichWeights;
  /** Whether the file has checksums; old files and other programs' have none. */
  readonly hasChecksums: boolean;

  readonly #source: ByteSource & Disposable;
  /**
   * The weights' tensors, the same way round as the model's.
   *
   * @internal
   */
  readonly tensors: FileTensors;
  /** All binaries but that of the checksums. */
  readonly #binaries: readonly Span[];
  readonly #moments: ReadonlyMap<string, StoredMoments> = new Map();
  readonly #states: readonly (readonly StoredBlockState[])[] = [];

  /**
   * Reads the structure of a file that is open.
   *
   * @param path What it is called.
   * @param source Its bytes, closed with this.
   * @param opening What is to be taken for granted where it does not say, and
   * which weights are meant.
   * @throws {SyntaxError} When it is malformed or incomplete.
   * @throws {RangeError} When it has no averaged weights, and they are meant.
   */
  constructor(
    path: string,
    source: ByteSource & Disposable,
    { weights, ...assume }: Opening = {},
  ) {
    this.path = path;
    this.#source = source;
    const file = readMsgpack(source);
    try {
      if (!isRecord(file) || !isRecord(file.item)) {
        throw new SyntaxError("it has no item, so it is not a checkpoint");
      }
      const unknown = Object.keys(file).find((key) => !FIELDS.includes(key));
      // A file of ours: another field may be that of the checksums, damaged.
      if (unknown !== undefined && file.config !== undefined) {
        throw new SyntaxError(
          `it has a field ${unknown}: it is damaged, or of a later version`,
        );
      }
      const { [CHECKSUMS]: sums, ...rest } = file;
      this.hasChecksums = sums !== undefined;
      this.#binaries = spansIn(rest);
      const tensors = tensorsOf(source, file.item);
      this.config = file.config === undefined
        ? inferConfig(tensors, assume)
        : new RWKVConfig(scalarFields(file.config, "config"));
      const shapes = declaredShapes(this.config);
      const recipe = file.train === undefined
        ? undefined
        : readRecipe(file.train);
      this.adapter = recipe?.trainedAdapter;
      this.shapes = this.adapter === undefined
        ? shapes
        : adapterTensors(this.config, shapes, this.adapter);
      this.tensors = matched(tensors, this.shapes, this.config);
      this.tokenizerSha256 = readHash(file.tokenizer);
      if (file.train !== undefined) {
        ({ state: this.train, moments: this.#moments, states: this.#states } =
          readTrainTree(file.train, this.shapes));
      }
    } catch (error) {
      throw malformedBy(source, error);
    }
    const isAveraged = hasAverages(this.train);
    this.weights = weights ?? (isAveraged ? "average" : "last");
    if (weights === "average" && !isAveraged) {
      throw new RangeError(
        `Cannot read ${source.name}: it has no averaged weights beside its own`,
      );
    }
  }

  /**
   * Reads a weight in the model's layout.
   *
   * @param name A parameter's.
   * @param which Of the step or averaged; as it was opened unless given.
   * @throws {SyntaxError} When a value is not finite.
   */
  readWeight(name: string, which: WhichWeights = this.weights): Float32Array {
    const tensor = this.tensors.get(name) ?? this.#unknown(name);
    return which === "average"
      ? this.readMoments(name).average!
      : tensor.read();
  }

  /** How a weight is stored; averages are f32. */
  typeOf(name: string): StoredType {
    const { type } = this.tensors.get(name) ?? this.#unknown(name);
    return this.weights === "average" ? "F32" : type as StoredType;
  }

  /** Reads the blocks of a weight that is stored as such. */
  readBlocks(name: string): Uint8Array {
    const { readBlocks } = this.tensors.get(name) ?? this.#unknown(name);
    return readBlocks?.() ?? this.#unknown(name);
  }

  /** Which weights are computed with as they are stored, and how. */
  get formats(): ReadonlyMap<string, PackedFormat> {
    return this.weights === "average"
      ? new Map()
      : packedFormats(this.config, this.tensors);
  }

  /**
   * Reads the moments of a weight in the model's layout.
   *
   * @param name A parameter's.
   * @throws {SyntaxError} When a value is not finite.
   * @throws {Error} When the checkpoint has none.
   */
  readMoments(name: string): Moments {
    const moments = this.#moments.get(name) ?? this.#unknown(name);
    const read = ({ offset, length, checksum }: Span) =>
      readElements(
        this.#source,
        { type: "F32", offset, length: length / F32, checksum },
        `a moment of ${name}`,
      );
    const { first, second, average } = moments;
    return {
      first: read(first),
      ...second && { second: read(second) },
      ...average && { average: read(average) },
    };
  }

  /**
   * Reads what its run carries on from step to step: a state a micro-batch, none
   * where the run does not do that.
   *
   * @throws {SyntaxError} When a value is not finite.
   */
  readStates(): SavedState[] {
    const read = ({ offset, length, checksum }: Span) =>
      readElements(
        this.#source,
        { type: "F32", offset, length: length / F32, checksum },
        "a carried state",
      );
    return this.#states.map((blocks) =>
      blocks.map(({ timeShift, wkv, channelShift }) => ({
        timeShift: read(timeShift),
        wkv: read(wkv),
        channelShift: read(channelShift),
      }))
    );
  }

  /**
   * Reads all that the file holds.
   *
   * @throws {SyntaxError} When a checksum differs or a value is not finite.
   */
  verify(): void {
    const isWhole = (span: Span) => holdsChecksum(this.#source, span);
    if (this.hasChecksums && this.#binaries.every(isWhole)) return;
    // Reading them one by one names the one that is damaged.
    for (const name of this.shapes.keys()) this.readWeight(name, "last");
    for (const name of this.#moments.keys()) this.readMoments(name);
    this.readStates();
    if (this.hasChecksums) {
      throw malformed(this.#source, "it is damaged: a checksum differs");
    }
  }

  /**
   * Puts what need not be read of the weights into a backend's memory, where
   * that can be done; see `mapWeights()`.
   *
   * @returns The weights that are there now, by name.
   */
  async map(
    backend: Backend,
  ): Promise<ReadonlyMap<string, Memory | PackedMatrix>> {
    const { config, weights, tensors } = this, { file } = this.#source;
    if (file === undefined || weights === "average" || !backend.mapFile) {
      return new Map();
    }
    const products = new Set(productWeights(config));
    const { path, identity } = file, { size } = identity;
    const map = () => backend.mapFile!(path, identity);
    return await mapWeights(backend, tensors, products, { size, map });
  }

  /**
   * Copies the weights into a model; those of an adapter beside its own.
   *
   * @param model One with the same weights.
   * @param which Of the step or averaged; as it was opened unless given.
   * @param options `present`: those that are there already; see
   * {@linkcode CheckpointReader.map}.
   * @throws {TypeError} When it is another size or family.
   */
  loadInto(
    model: RWKV,
    which?: WhichWeights,
    { present }: { readonly present?: ReadonlyMap<string, unknown> } = {},
  ): void {
    if (model.adapter === undefined) this.assertModel();
    const parameters = this.adapter === undefined
      ? model.ownParameters
      : model.adapterParameters;
    for (const { name, shape } of parameters) {
      const own = this.shapes.get(name);
      if (`${own}` !== `${shape}`) {
        throw new TypeError(
          `Cannot load ${this.#source.name}: the model's ${name} is ` +
            `[${shape.join(", ")}], ` +
            (own ? `the checkpoint's [${own.join(", ")}]` : "it has none"),
        );
      }
    }
    if ((which ?? this.weights) === "average") {
      for (const { name, data } of parameters) {
        model.backend.write(data, this.readWeight(name, "average"));
      }
      return;
    }
    const wanting = parameters.filter(({ name }) => !present?.has(name));
    loadWeights(model, this.tensors, wanting);
  }

  /**
   * Checks that it holds a model.
   *
   * @throws {TypeError} When it is the checkpoint of an adapter.
   */
  assertModel(): void {
    if (this.adapter === undefined) return;
    throw new TypeError(
      `Cannot use ${this.#source.name} as a model: it holds an adapter alone; resume goes on from it, and adapter.safetensors is what comes of it`,
    );
  }

  /**
   * What the weights are known by, whichever file they stand in.
   *
   * @returns CRC-32 of their values one after another, in hex.
   * @throws {SyntaxError} When a value is not finite.
   */
  weightsCrc32(): string {
    let sum = 0;
    for (const name of this.shapes.keys()) {
      const { buffer, byteOffset, byteLength } = this.readWeight(name);
      sum = crc32(new Uint8Array(buffer, byteOffset, byteLength), sum);
    }
    return sum.toString(16).padStart(8, "0");
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#source[Symbol.dispose]();
  }

  #unknown(name: string): never {
    throw new Error(`Cannot read ${this.#source.name}: it has no ${name}`);
  }
}

/** The binaries of a tree. */
function spansIn(tree: unknown): Span[] {
  if (tree instanceof Span) return [tree];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.values(tree).flatMap(spansIn);
}

/** Each parameter's tensor, the same way round as the parameter. */
function matched(
  tensors: FileTensors,
  shapes: Shapes,
  config: RWKVConfig,
): FileTensors {
  const { architecture } = config;
  // The Rust program's documentation calls its head lm_head.
  const named = [...tensors].map(([name, tensor]) =>
    [name.replace(/^lm_head\.weight$/, "head.weight"), tensor] as const
  );
  const byName = new Map(named);
  const isTurned = (name: string) =>
    isTransposed(config, name, byName.get(name)?.type ?? "F32");
  const stored = [...shapes].map(([name, shape]) =>
    [name, isTurned(name) ? shape.toReversed() : shape] as const
  );
  const found = matchTensors(byName, new Map(stored), { architecture });
  const own = [...found].map(([name, tensor]) =>
    [name, isTurned(name) ? turnedTensor(tensor) : tensor] as const
  );
  return new Map(own);
}

/** Whether a run has averages of its weights, which its first update makes. */
function hasAverages(train: TrainState | undefined): boolean {
  return train?.training.emaDecay !== undefined && train.optimizerStep > 0;
}

function readHash(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new SyntaxError("its tokenizer is not a SHA-256");
}
