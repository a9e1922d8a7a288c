/**
 * The backend interface: memory, the matrix product, the choice of tokens, and
 * {@linkcode Backend.run}, which computes any op of the table in `ops.ts`.
 *
 * Calls enqueue and return; only {@linkcode Backend.read} waits. Each op has a
 * forward and a backward; a backward always *adds* to the gradients it is
 * given. Matrices are row-major. `reference/` is the plain meaning of every op,
 * and `tests/contract` holds the others to it.
 *
 * @module
 */

import type { ArgumentsOf, MemoriesOf, OpName } from "./ops.ts";
import type { SamplingOptions } from "./sampling.ts";

/** Device memory for f32 values, owned by the backend that made it. */
export interface Memory {
  /** How many values it holds. */
  readonly length: number;
}

/** Some of a memory's values. */
export interface MemoryPart {
  /** The first. */
  readonly start: number;
  /** How many. */
  readonly length: number;
  /** Where they are copied to; somewhere new unless given. */
  readonly into?: Float32Array;
}

/** Device memory for token ids, or other words of 32 bits. */
export interface Indices {
  /** How many it holds. */
  readonly length: number;
}

/** Extents of a matrix whose rows are independent. */
export interface RowShape {
  /** Number of rows; batch x time, flattened. */
  readonly rows: number;
  /** Values in a row. */
  readonly width: number;
}

/** Extents of a batch of sequences: (batch, time, width). */
export interface SequenceShape {
  /** Independent sequences. */
  readonly batch: number;
  /** Tokens in each. */
  readonly time: number;
  /** Channels of a token. */
  readonly width: number;
}

/** Extents of rows whose channels form heads. */
export interface HeadRowShape extends RowShape {
  /** Channels of a head; divides the width. */
  readonly headSize: number;
}

/** Extents of a batch of sequences whose channels form heads. */
export interface HeadShape extends SequenceShape {
  /** Channels of a head; divides the width. */
  readonly headSize: number;
}

/** Extents of rows times a matrix of weights, stored (outputs, width). */
export interface ProductShape extends RowShape {
  /** Values of a row that is put out. */
  readonly outputs: number;
}

/** Options of {@linkcode Backend.matmul}. */
export interface MatmulOptions {
  /** Use aᵀ: `a` is stored (k, m). */
  readonly transposeA?: boolean;
  /** Use bᵀ: `b` is stored (n, k). */
  readonly transposeB?: boolean;
  /** Add to `out` instead of overwriting it. */
  readonly accumulate?: boolean;
}

/** Which elements a dropout keeps: a function of the key and the position. */
export interface Dropout {
  /** Share of elements set to zero, in [0, 1). */
  readonly rate: number;
  /** 32-bit key, such as `hashKey(seed, step, layer)`. */
  readonly key: number;
}

/** One AdamW update (Loshchilov & Hutter 2019, decoupled weight decay). */
export interface AdamWOptions {
  /** η of this step. */
  readonly learningRate: number;
  /** β₁. */
  readonly beta1: number;
  /** β₂. */
  readonly beta2: number;
  /** ε, outside the root. */
  readonly epsilon: number;
  /** λ; the parameter shrinks by η·λ. */
  readonly weightDecay: number;
  /** Gradients are scaled down to this global norm; absent for no clipping. */
  readonly clipNorm?: number;
  /** Whether only weights shrink that the update moves towards 0 anyway. */
  readonly cautious?: boolean;
  /** 1 for the first update; for the bias corrections. */
  readonly step: number;
}

/** Muon's momentum. */
export interface MuonDirectionOptions {
  /** μ. */
  readonly momentum: number;
  /** As of {@linkcode AdamWOptions}. */
  readonly clipNorm?: number;
}

/** A polynomial of the second degree in a square matrix. */
export interface PolynomialOptions {
  /** Of the identity. */
  readonly constant: number;
  /** Of the matrix. */
  readonly linear: number;
  /** Of its square. */
  readonly quadratic: number;
}

/** One step of Muon along an orthogonal direction. */
export interface MuonUpdateOptions {
  /** η of this step. */
  readonly learningRate: number;
  /** What the direction is multiplied by besides. */
  readonly scale: number;
  /** λ; the parameter shrinks by η·λ. */
  readonly weightDecay: number;
  /** As of {@linkcode AdamWOptions}. */
  readonly cautious?: boolean;
}

/** Which file is meant, whatever stands under its name by now. */
export interface FileIdentity {
  /** Of its device. */
  readonly dev: number;
  /** Its number there. */
  readonly ino: number | null;
  /** Bytes in all. */
  readonly size: number;
}

/** A file that stands in a backend's memory as it is. */
export interface MappedFile {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** The f32 values from a byte on, which is a multiple of 4. */
  memory(offset: number, length: number): Memory;
  /** The same of 32-bit words. */
  words(offset: number, length: number): Indices;
}

/** Every kernel; see the module's description. */
export interface Backend extends Disposable {
  /** Short name, as `--backend` takes it. */
  readonly name: string;
  /** For people: threads, library, kernels in use. */
  readonly description: string;

  /** Reserves memory set to zero, for the life of the backend. */
  alloc(length: number): Memory;
  /** Reserves room for token ids. */
  allocIndices(length: number): Indices;
  /** A part of a memory, sharing it. `start` is a multiple of 64. */
  slice(memory: Memory, start: number, length: number): Memory;
  /**
   * Puts a file into the memory without reading it, where that can be done.
   * Memories of it are as any other: what is written there does not reach the
   * file.
   *
   * @param path The file, which must not be shortened while the backend lives.
   * @param identity As the system tells of the file that is meant.
   * @returns Undefined where it has to be read.
   */
  mapFile?(path: string, identity: FileIdentity): MappedFile | undefined;
  /**
   * Copies values in; they may be fewer than the memory holds.
   *
   * @param start Where the first of them goes.
   */
  write(memory: Memory, values: Float32Array, start?: number): void;
  /** Copies token ids in; they may be fewer than the memory holds. */
  writeIndices(indices: Indices, ids: ArrayLike<number>): void;
  /**
   * Waits for the queue, then copies out.
   *
   * @param part Which of the values; all unless given.
   */
  read(memory: Memory, part?: MemoryPart): Promise<Float32Array>;
  /** Waits for the queue, once for all of them, then copies token ids out. */
  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]>;

  /**
   * Computes an op: see its row in `ops.ts`.
   *
   * @param op Its name.
   * @param memories What it reads and writes, by name.
   * @param settings Its extents and other numbers; none for some.
   * @throws {RangeError} When a memory is too short or an extent is wrong.
   * @throws {TypeError} When a memory is of another backend.
   */
  run<O extends OpName>(
    op: O,
    memories: MemoriesOf<O>,
    ...settings: ArgumentsOf<O>
  ): void;

  /**
   * Runs calls of which none uses what another one writes; a backend may do the
   * matrix products among them at once.
   *
   * @returns What `calls` returns.
   */
  together<T>(calls: () => T): T;

  /** out (m, n) = a (m, k) · b (k, n). */
  matmul(
    out: Memory,
    a: Memory,
    b: Memory,
    shape: { readonly m: number; readonly k: number; readonly n: number },
    options?: MatmulOptions,
  ): void;

  /**
   * ids (rows) = a token for each row of logits (rows, width): what `sample` in
   * `sampling.ts` gives for the row, the options and a random number, so that
   * generation goes on without asking the device.
   *
   * The number of row r is `uniformAt(keys[r], position)`, which for a key
   * `hashKey(seed)` is number `position` of what `new Random(seed)` gives. A row
   * without an answer gives `NO_TOKEN`. The ids may then be read, or given to
   * `embeddingForward`, and to nothing else.
   *
   * @param logits (rows, width), the width at most 65,536. Not changed.
   * @param keys (rows): what chooses each row's random numbers.
   */
  sample(
    ids: Indices,
    logits: Memory,
    keys: Indices,
    shape: RowShape & SamplingOptions & { readonly position: number },
  ): void;
}
