/**
 * Checkpoints: one MessagePack map in Burn's layout, `{metadata, item, _b}`,
 * plus `config`, `tokenizer`, checksums and, during training, `train`, which
 * Burn ignores.
 * One file and one rename, so that weights, moments and data position can never disagree.
 *
 * Nothing in a file depends on the clock: equal states give equal bytes. Tensors
 * pass one at a time, so a model is never in memory twice.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import {
  AtomicFile,
  folderOf,
  type SignalOptions,
  withoutSlash,
} from "../../files.ts";
import { RWKVConfig } from "../../model/config.ts";
import type { Shapes, WeightSource } from "../../model/foreign.ts";
import type { Parameter } from "../../model/parameters.ts";
import { declaredShapes, RWKV } from "../../model/rwkv.ts";
import {
  type ByteSource,
  FileSource,
  malformed,
  malformedBy,
  Span,
} from "../encoding/byte_source.ts";
import { holdsChecksum, readElements } from "../encoding/elements.ts";
import { readMsgpack } from "../encoding/msgpack_reader.ts";
import {
  CHECKSUMS,
  Checksums,
  LazyBytes,
  writeMsgpack,
} from "../encoding/msgpack_writer.ts";
import { countOf, transposed } from "../encoding/tensor_encoding.ts";
import {
  type FileTensors,
  matchTensors,
  turnedTensor,
} from "../encoding/tensor_file.ts";
import {
  type Assumptions,
  inferConfig,
  isRecord,
  isTransposed,
  itemTree,
  recorderMetadata,
  scalarFields,
  type StoredWeight,
  tensorsOf,
} from "./burn_layout.ts";
import { checkpointName, checkpointsIn, resolveCheckpoint } from "./paths.ts";
import {
  type Moments,
  readTrainTree,
  type StoredMoments,
  type TrainState,
  trainTree,
} from "./train_state.ts";

/** The fields of a file; what Burn writes has the first three. */
const FIELDS = [
  ...["metadata", "item", "_b"],
  ...["config", "tokenizer", "train", CHECKSUMS],
];

/** Bytes of a moment's value. */
const F32 = 4;

/** What {@linkcode saveModel} adds to a checkpoint from which to go on. */
export interface TrainSnapshot {
  /** Where the run stands. */
  readonly state: TrainState;
  /** Fetches the moments of a parameter, in its own layout. */
  readonly moments: (parameter: Parameter) => Promise<Moments>;
}

/**
 * Writes a model, whole or not at all.
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
 * import { loadModel, saveModel } from "./mpk.ts";
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
  { train, ...options }: SignalOptions & {
    readonly train?: TrainSnapshot;
    readonly tokenizerSha256?: string;
  } = {},
): Promise<void> {
  const { config, backend } = model;
  const parameters = new Map(
    [...model.parameters].map((parameter) => [parameter.name, parameter]),
  );
  const shapes = declaredShapes(config);
  const readWeight = (name: string) => backend.read(parameters.get(name)!.data);
  await saveWeights(path, { config, shapes, readWeight }, {
    ...options,
    train: train && trainTree(
      train.state,
      lengthsOf(shapes),
      (name) => train.moments(parameters.get(name)!),
    ),
  });
}

/**
 * Writes the weights of a model that may be nowhere in memory, whole or not at
 * all, one at a time.
 *
 * @param path Where the file shall stand.
 * @param model The model; `readWeight` is asked for each when it is its turn.
 * @param options `tokenizerSha256` says which tokenizer the ids are of, `train` is
 * what `trainTree` makes, `signal` may end the work.
 * @throws {Error} When the system refuses; nothing is left behind.
 */
export async function saveWeights(
  path: string,
  model: Pick<WeightSource, "config" | "shapes"> & {
    readWeight(name: string): Promise<Float32Array> | Float32Array;
  },
  { train, tokenizerSha256, signal }: SignalOptions & {
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
    metadata: recorderMetadata("F32"),
    item: itemTree(config, shapes, { dtype: "F32", bytesOf }),
    _b: [],
    config: config.toJSON(),
    tokenizer: tokenizerSha256,
    train,
    [CHECKSUMS]: new Checksums(),
  };
  await using file = await AtomicFile.create(path, { signal });
  await writeMsgpack(file, tree);
  await file.commit();
}

/** How a checkpoint is opened. */
export interface OpenOptions extends Assumptions {
  /**
   * Told of each checkpoint of a folder that is not whole, after which the one
   * before it is taken. Without this it is an error.
   */
  readonly onDamaged?: (error: Error) => void;
}

/**
 * A checkpoint that is open for reading. Its structure has been checked in
 * full; values are read when asked for, also after another file has taken its
 * place.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { Checkpoint, saveModel } from "./mpk.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * const path = await Deno.makeTempDir() + "/model_final.mpk";
 * await saveModel(path, model);
 *
 * using checkpoint = await Checkpoint.open(path);
 * assertEquals(checkpoint.train, undefined);
 * checkpoint.loadInto(model);
 * ```
 */
export class Checkpoint implements Disposable {
  /** The file it stands in. */
  readonly path: string;
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** The names and shapes of the weights. */
  readonly shapes: Shapes;
  /** Identity of the tokenizer; old files do not say. */
  readonly tokenizerSha256?: string;
  /** Where the training stood; absent from a finished model. */
  readonly train?: TrainState;
  /** Whether the file has checksums; old files and other programs' have none. */
  readonly hasChecksums: boolean;

  readonly #source: ByteSource & Disposable;
  readonly #tensors: FileTensors;
  /** All binaries but that of the checksums. */
  readonly #binaries: readonly Span[];
  readonly #moments: ReadonlyMap<string, StoredMoments> = new Map();

  /**
   * Reads the structure of a file that is open.
   *
   * @param path What it is called.
   * @param source Its bytes, closed with this.
   * @param assume What is to be taken for granted where it does not say.
   * @throws {SyntaxError} When it is malformed or incomplete.
   */
  constructor(
    path: string,
    source: ByteSource & Disposable,
    assume: Assumptions = {},
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
      this.shapes = declaredShapes(this.config);
      this.#tensors = matched(tensors, this.shapes, this.config);
      this.tokenizerSha256 = readHash(file.tokenizer);
      if (file.train !== undefined) {
        const lengths = lengthsOf(this.shapes);
        ({ state: this.train, moments: this.#moments } = readTrainTree(
          file.train,
          lengths,
        ));
      }
    } catch (error) {
      throw malformedBy(source, error);
    }
  }

  /**
   * Opens a checkpoint; dispose of it to close the file.
   *
   * @param path As {@linkcode resolveCheckpoint} takes it.
   * @param options What is to be taken for granted where a file does not say,
   * and whether to pass over what is not whole.
   * @throws {SyntaxError} When it is malformed or incomplete.
   * @throws {Error} When it cannot be read.
   */
  static async open(
    path: string,
    { onDamaged, ...assume }: OpenOptions = {},
  ): Promise<Checkpoint> {
    const resolved = await resolveCheckpoint(path);
    const isFolder = resolved.startsWith(`${withoutSlash(path)}/`);
    if (onDamaged === undefined || !isFolder) {
      return await Checkpoint.#openFile(resolved, assume);
    }
    const folder = folderOf(resolved);
    const [newest, ...older] = await checkpointsIn(folder);
    const first = await wholeOr(
      () => Checkpoint.#openFile(resolved, assume),
    );
    if (first instanceof Checkpoint) return first;
    // Only what a folder stands for has others to be taken instead.
    if (!resolved.endsWith(`/${checkpointName(newest)}`)) throw first;
    const passed = [first];
    for (const step of older) {
      const found = await wholeOr(() =>
        Checkpoint.#openFile(`${folder}/${checkpointName(step)}`, assume)
      );
      if (found instanceof Checkpoint) {
        passed.forEach(onDamaged);
        return found;
      }
      passed.push(found);
    }
    throw first;
  }

  static async #openFile(
    resolved: string,
    assume: Assumptions,
  ): Promise<Checkpoint> {
    const source = await FileSource.open(resolved, "checkpoint");
    try {
      return new Checkpoint(resolved, source, assume);
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Reads a weight in the model's layout.
   *
   * @param name A parameter's.
   * @throws {SyntaxError} When a value is not finite.
   */
  readWeight(name: string): Float32Array {
    return (this.#tensors.get(name) ?? this.#unknown(name)).read();
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
    return { first: read(moments.first), second: read(moments.second) };
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
    for (const name of this.shapes.keys()) this.readWeight(name);
    for (const name of this.#moments.keys()) this.readMoments(name);
    if (this.hasChecksums) {
      throw malformed(this.#source, "it is damaged: a checksum differs");
    }
  }

  /**
   * Copies the weights into a model.
   *
   * @param model One with the same weights.
   * @throws {TypeError} When it is another size or family.
   */
  loadInto(model: RWKV): void {
    for (const { name, shape } of model.parameters) {
      const own = this.shapes.get(name);
      if (`${own}` !== `${shape}`) {
        throw new TypeError(
          `Cannot load ${this.#source.name}: the model's ${name} is ` +
            `[${shape.join(", ")}], ` +
            (own ? `the checkpoint's [${own.join(", ")}]` : "it has none"),
        );
      }
    }
    for (const { name, data } of model.parameters) {
      model.backend.write(data, this.readWeight(name));
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#source[Symbol.dispose]();
  }

  #unknown(name: string): never {
    throw new Error(`Cannot read ${this.#source.name}: it has no ${name}`);
  }
}

/**
 * Opens a checkpoint and makes its model.
 *
 * @param path As {@linkcode resolveCheckpoint} takes it.
 * @param backend Where the model shall live.
 * @param options `training` to reserve gradients too, `assume` for files that
 * lack a configuration.
 * @throws {SyntaxError} When the file is malformed or incomplete.
 * @throws {Error} When it cannot be read.
 */
export async function loadModel(
  path: string,
  backend: Backend,
  { training = false, assume }: {
    readonly training?: boolean;
    readonly assume?: Assumptions;
  } = {},
): Promise<RWKV> {
  using checkpoint = await Checkpoint.open(path, assume);
  const model = new RWKV(checkpoint.config, backend, { training });
  checkpoint.loadInto(model);
  return model;
}

/** A checkpoint of which all can be read, or what is wrong with it. */
async function wholeOr(
  open: () => Promise<Checkpoint>,
): Promise<Checkpoint | SyntaxError> {
  let checkpoint: Checkpoint | undefined;
  try {
    checkpoint = await open();
    checkpoint.verify();
    return checkpoint;
  } catch (error) {
    checkpoint?.[Symbol.dispose]();
    if (error instanceof SyntaxError) return error;
    throw error;
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
  const isTurned = (name: string) => isTransposed(config, name);
  // The Rust program's documentation calls its head lm_head.
  const named = [...tensors].map(([name, tensor]) =>
    [name.replace(/^lm_head\.weight$/, "head.weight"), tensor] as const
  );
  const stored = [...shapes].map(([name, shape]) =>
    [name, isTurned(name) ? shape.toReversed() : shape] as const
  );
  const found = matchTensors(new Map(named), new Map(stored), { architecture });
  const own = [...found].map(([name, tensor]) =>
    [name, isTurned(name) ? turnedTensor(tensor) : tensor] as const
  );
  return new Map(own);
}

function lengthsOf(shapes: Shapes): Map<string, number> {
  return new Map([...shapes].map(([name, shape]) => [name, countOf(shape)]));
}

function readHash(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new SyntaxError("its tokenizer is not a SHA-256");
}
