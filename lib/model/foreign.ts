/**
 * How other programs hold an architecture's weights, as plain data: what the
 * rooms of `lib/checkpoint` read and write by.
 *
 * @module
 */

import type { ArchitectureFields } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";

/** The extents of named weights. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** A model whose weights can be read one by one, such as a `Checkpoint`. */
export interface WeightSource {
  /** Its shape. */
  readonly config: RWKVConfig;
  /** The names and extents of its weights, in their order. */
  readonly shapes: Shapes;
  /** Reads a weight, row by row. */
  readWeight(name: string): Float32Array;
}

/** How the architecture's own code names and shapes weights. */
export interface OfficialFiles {
  /** A weight that no other architecture has. */
  readonly mark: string;
  /**
   * The particular fields, which show in extents.
   *
   * @throws {SyntaxError} By `matrix`, when there is no such matrix.
   */
  readonly fieldsOf?: (weights: {
    readonly has: (name: string) => boolean;
    readonly matrix: (name: string) => readonly [rows: number, columns: number];
  }) => Partial<ArchitectureFields>;
  /** What some files have and nothing uses. */
  readonly unused: readonly string[];
  /** Names of vectors that are stored as (1, 1, width). */
  readonly broadcast: RegExp;
  /** Its fields of a `config.json`, as flash-linear-attention calls them. */
  readonly configJson?: (shapes: Shapes) => Record<string, unknown>;
  /** What rwkv.cpp stores otherwise. */
  readonly rwkvCpp: RwkvCppLayout;
  /** How llama.cpp has it; absent where it does not. */
  readonly gguf?: GgufLayout;
}

/** What rwkv.cpp's converter changes, by the names in its files. */
export interface RwkvCppLayout {
  /** Matrices that lie the other way round. */
  readonly turned?: RegExp;
  /** Vectors stored as -exp(x). */
  readonly negativeExponential?: RegExp;
  /** Vectors that are one tensor, by its name's end. */
  readonly fused?: {
    readonly name: string;
    readonly parts: readonly string[];
  };
}

/**
 * Weights of a block, by their official and llama.cpp's names: as they are,
 * turned, as one row, or several vectors as the rows of one tensor.
 */
export type GgufTensor =
  | readonly [official: string, name: string, form?: "turned" | "flat"]
  | readonly [officials: readonly string[], name: string];

/** How llama.cpp has an architecture. */
export interface GgufLayout {
  /** The weights of a block, in the order of a file. */
  readonly tensors: readonly GgufTensor[];
  /** What the first block lacks and a file must have: a copy of something. */
  readonly copies: Readonly<Record<string, string>>;
  /** Names of what stays F32 whatever the rest is. */
  readonly alwaysF32: RegExp;
  /**
   * Its whole numbers among a file's keys, without the architecture's name.
   *
   * @throws {RangeError} For a model that llama.cpp does not compute exactly.
   */
  readonly keys: (model: {
    readonly config: RWKVConfig;
    readonly shapes: Shapes;
  }) => Readonly<Record<string, number>>;
}

/** How the Rust program's recorder held an architecture. */
export interface RustProgram {
  /** Names of matrices that lie (in, out) there. */
  readonly turned: RegExp;
  /** Constants of its modules, for which it writes nil: where, and which. */
  readonly constants: readonly (readonly [
    module: RegExp,
    names: readonly string[],
  ])[];
}
