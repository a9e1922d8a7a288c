/**
 * What an architecture is: all that is particular to one, in one record. To
 * add one is to write its record in a file of its own, and to name it in the
 * registry below.
 *
 * @module
 */

import type { Indices } from "../backend/backend.ts";
import type { Fields } from "../fields.ts";
import type { Tape } from "../tensor/tape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { classic, type ClassicFields } from "./classic.ts";
import type { RWKVConfig } from "./config.ts";
import type { OfficialFiles, RustProgram } from "./foreign.ts";
import type { Initializer } from "./initialize.ts";
import type { LayerParameters } from "./parameters.ts";
import { rwkv4 } from "./rwkv4.ts";
import { rwkv6, type Rwkv6Fields } from "./rwkv6.ts";
import { rwkv7, type Rwkv7Fields } from "./rwkv7.ts";
import type { MixingPass } from "./state.ts";

/** The fields of a configuration that only some architectures read. */
export interface ArchitectureFields
  extends ClassicFields, Rwkv7Fields, Rwkv6Fields {}

/**
 * `classic` is the Rust program's block, the others are
 * the official RWKV-4, RWKV-6 (x060) and RWKV-7 (x070).
 */
export type ArchitectureName = "classic" | "rwkv4" | "rwkv6" | "rwkv7";

/** The registry. */
const RECORDS: Readonly<Record<ArchitectureName, Architecture>> = {
  classic,
  rwkv4,
  rwkv6,
  rwkv7,
};

/** The names of the model families. */
export const ARCHITECTURES: readonly ArchitectureName[] = Object.keys(
  RECORDS,
) as ArchitectureName[];

/**
 * The record of a configuration's architecture.
 *
 * @param config A configuration, or its field.
 *
 * @example
 * ```ts
 * import { architectureOf } from "./architecture.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(architectureOf({ architecture: "rwkv7" }).title, "RWKV-7");
 * ```
 */
export function architectureOf(
  { architecture }: { readonly architecture: ArchitectureName },
): Architecture {
  return RECORDS[architecture];
}

/** Where a layer stands: its index, and how the official code scales by it. */
export interface Depth {
  /** 0 for the first block. */
  readonly layer: number;
  /** Number of blocks. */
  readonly layers: number;
}

/** What the blocks of one forward pass share. */
export interface Shared {
  /** The tokens of the pass, (batch, time). */
  readonly ids: Indices;
  /** The first block's values, for the value residual of those after it. */
  firstValue?: Tensor;
}

/** One of the two halves of a block: (batch, time, d) to the same. */
export type Mixing = (
  tape: Tape,
  x: Tensor,
  state: MixingPass | undefined,
  shared: Shared,
) => Tensor;

/** Declares the parameters of one layer and says what to compute with them. */
export type MixingDeclaration = (
  parameters: LayerParameters,
  config: RWKVConfig,
  depth: Depth,
) => Mixing;

/** What the parts of a model are called in the names of their parameters. */
export interface PartNames {
  /** The embedding. */
  readonly embedding: string;
  /** The LayerNorm after it. */
  readonly embeddingNorm: string;
  /** Time mixing, in a block. */
  readonly timeMixing: string;
  /** Channel mixing, in a block. */
  readonly channelMixing: string;
  /** What a LayerNorm multiplies by. */
  readonly normScale: string;
  /** What a LayerNorm adds. */
  readonly normShift: string;
}

/** All that is particular to an architecture. */
export interface Architecture {
  /** What people call it. */
  readonly title: string;

  /** The fields of a configuration that the others do not read. */
  readonly fields: Partial<Fields<ArchitectureFields>>;
  /**
   * Checks fields against one another.
   *
   * @throws {RangeError} When they do not go together.
   */
  readonly check?: (config: RWKVConfig) => void;

  /** The names of its parts. */
  readonly names: PartNames;
  /** Whether weight decay applies to LayerNorms. */
  readonly normsDecay: boolean;
  /** Whether a LayerNorm follows the embedding. */
  readonly hasEmbeddingNorm: (config: RWKVConfig) => boolean;
  /** Whether its values may have embeddings, see `valueEmbeddings`. */
  readonly hasValueEmbeddings?: boolean;
  /** First values of the embedding. */
  readonly embedding: Initializer;
  /** First values of the head. */
  readonly head: (config: RWKVConfig) => Initializer;
  /** The half of a block that looks back over time. */
  readonly timeMixing: MixingDeclaration;
  /** The half of a block that looks at one token. */
  readonly channelMixing: MixingDeclaration;
  /** What time mixing remembers of one sequence before any token. */
  readonly emptyState: (config: RWKVConfig) => Float32Array;

  /** How its own code holds it in files; absent where none does. */
  readonly official?: OfficialFiles;
  /** How the Rust program held it; absent where it did not. */
  readonly rust?: RustProgram;
}
