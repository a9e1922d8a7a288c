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
  /** How a weight is stored, as ggml calls it, where that is known. */
  typeOf?(name: string): string;
  /** Reads the blocks of a weight that is stored as such. */
  readBlocks?(name: string): Uint8Array;
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
  /**
   * Whether a head's state lies key channel by value channel here, so that
   * RWKV-PEFT's files of a state have it the other way.
   */
  readonly isStateByKey?: boolean;
  /** Its fields of a `config.json`, as flash-linear-attention calls them. */
  readonly configJson?: (shapes: Shapes) => Record<string, unknown>;
  /** The weights of a block that rwkv.cpp holds otherwise. */
  readonly rwkvCpp: readonly ForeignWeight[];
  /** How models for Hugging Face's transformers have it, where there are any. */
  readonly huggingFace?: HuggingFaceNames;
  /** How llama.cpp has it; absent where it does not. */
  readonly gguf?: GgufLayout;
}

/**
 * A weight of a block by its official name and a program's, or several vectors
 * as the rows of one tensor; and its form there: rows for columns (of each of
 * several matrices), a matrix of heads as a vector, a vector as a matrix of
 * heads, with an extent of 1 behind the others, or as -exp(x).
 */
export type ForeignWeight = readonly [
  official: string | readonly string[],
  name: string,
  form?: "turned" | "flat" | "by head" | "column" | "-exp",
];

/** How a model for Hugging Face's transformers names and shapes weights. */
export interface HuggingFaceNames {
  /** A weight that no other file has. */
  readonly mark: string;
  /** What stands before the number of a block, as a regular expression. */
  readonly block: string;
  /** The weights of a block. */
  readonly weights: readonly ForeignWeight[];
  /** Official names of those outside the blocks. */
  readonly outer: Readonly<Record<string, string>>;
}

/** How llama.cpp has an architecture. */
export interface GgufLayout {
  /** The weights of a block, in the order of a file. */
  readonly weights: readonly ForeignWeight[];
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
