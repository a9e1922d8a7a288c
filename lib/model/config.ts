/**
 * The shape of a model, with the presets of `configs/*.toml`.
 *
 * @module
 */

import { LAYER_NORM_EPSILON } from "../ops/layer_norm.ts";
import {
  type Fields,
  oneOf,
  optionalReal,
  optionalWhole,
  readFields,
  real,
  whole,
} from "../fields.ts";
import { parseToml } from "../toml.ts";
import {
  type ArchitectureFields,
  type ArchitectureName,
  architectureOf,
  ARCHITECTURES,
} from "./architecture.ts";
import { declaredShapes } from "./rwkv.ts";

/** The presets by the name `--model-size` takes. */
export const MODEL_SIZES = ["micro", "mini", "85m"] as const;
/** See {@linkcode MODEL_SIZES}. */
export type ModelSize = typeof MODEL_SIZES[number];

/** The fields of an {@linkcode RWKVConfig}. */
export interface RWKVFields extends ArchitectureFields {
  /** The model family. */
  readonly architecture: ArchitectureName;
  /** Number of token ids, at most 65,536. */
  readonly vocabSize: number;
  /** Channels of a token. */
  readonly dModel: number;
  /** Number of blocks. */
  readonly nLayers: number;
  /** Channels inside channel mixing. */
  readonly dFfn: number;
  /** Tokens of a training window. */
  readonly maxSeqLen: number;
  /** Share of each branch dropped in training. */
  readonly dropout: number;
  /**
   * What logits stay below, as 30 · tanh(z / 30); unbounded where absent. Other
   * programs do not know of it.
   */
  readonly logitSoftCap?: number;
  /**
   * Not of every architecture: in how many of the last blocks a token has an embedding
   * of its own that is added to its value; none where absent. Other programs do
   * not know of it.
   */
  readonly valueEmbeddings?: number;
}

/** What may be given for a configuration besides its fields. */
export interface RWKVAliases {
  /**
   * The ε of LayerNorm, which is 1e-5 in all models: a file may say so, and
   * nothing else.
   */
  readonly layerNormEps?: number;
}

/** In the order of checkpoints; by themselves they are micro's. */
const FIELDS = {
  architecture: oneOf("rwkv4", ARCHITECTURES),
  vocabSize: whole(32_000, 1, 65_536),
  dModel: whole(256, 1, 16_384),
  nLayers: whole(4, 1, 256),
  dFfn: whole(1024, 1, 65_536),
  maxSeqLen: whole(256, 1, 65_536),
  dropout: real(0.1, 0, 0.99),
  logitSoftCap: optionalReal(1, 1000),
  valueEmbeddings: optionalWhole(1, 256),
  ...Object.assign(
    {},
    ...ARCHITECTURES.map((architecture) =>
      architectureOf({ architecture }).fields
    ),
  ) as Fields<ArchitectureFields>,
} satisfies Fields<RWKVFields>;

/** What the presets change. */
const PRESETS: Readonly<Record<ModelSize, Partial<RWKVFields>>> = {
  micro: {},
  mini: { dModel: 384, nLayers: 6, dFfn: 1344, maxSeqLen: 512 },
  "85m": { dModel: 768, nLayers: 12, dFfn: 2688, maxSeqLen: 2048 },
};

/** The fields, which the class so has without naming each again. */
export interface RWKVConfig extends RWKVFields {}

/**
 * The shape of a model.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "./config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = RWKVConfig.ptbrMicro({
 *   architecture: "classic",
 *   embeddingNorm: false,
 * });
 * assertEquals(config.numParameters(), 19_796_480);
 * ```
 */
export class RWKVConfig {
  #parameters?: number;

  /**
   * Checks the fields.
   *
   * @param fields What differs from micro.
   * @throws {SyntaxError} For an unknown field.
   * @throws {RangeError} For a size that cannot be.
   */
  constructor(
    { layerNormEps = LAYER_NORM_EPSILON, ...fields }:
      & Partial<RWKVFields>
      & RWKVAliases = {},
  ) {
    if (layerNormEps !== LAYER_NORM_EPSILON) {
      throw new RangeError(
        `Cannot use layerNormEps ${layerNormEps}: it is ${LAYER_NORM_EPSILON} in all models`,
      );
    }
    Object.assign(this, readFields<RWKVFields>("model", FIELDS, fields));
    architectureOf(this).check?.(this);
    checkValueEmbeddings(this);
  }

  /** Some 20 M parameters, 256-token windows. */
  static ptbrMicro(changes?: Partial<RWKVFields>): RWKVConfig {
    return RWKVConfig.ofSize("micro", changes);
  }

  /** Some 35 M parameters, 512-token windows. */
  static ptbrMini(changes?: Partial<RWKVFields>): RWKVConfig {
    return RWKVConfig.ofSize("mini", changes);
  }

  /** Some 134 M parameters, 85 M of them in the blocks; 2,048-token windows. */
  static ptbr85m(changes?: Partial<RWKVFields>): RWKVConfig {
    return RWKVConfig.ofSize("85m", changes);
  }

  /** A preset by its name. */
  static ofSize(size: ModelSize, changes?: Partial<RWKVFields>): RWKVConfig {
    return new RWKVConfig({ ...PRESETS[size], ...changes });
  }

  /**
   * Reads the top level of a TOML file such as `configs/model_micro.toml`.
   *
   * @param toml Its text.
   * @param what What errors call it.
   * @throws {SyntaxError} For bad TOML or an unknown key.
   * @throws {RangeError} For a size that cannot be.
   */
  static fromToml(
    toml: string,
    what: string = "the model configuration",
  ): RWKVConfig {
    return new RWKVConfig(tomlTable(toml, what) as Partial<RWKVFields>);
  }

  /** The ε of LayerNorm, the same in all models. */
  get layerNormEps(): number {
    return LAYER_NORM_EPSILON;
  }

  /** The number of trainable values. */
  numParameters(): number {
    return this.#parameters ??= declaredShapes(this).values()
      .reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
  }

  /** The fields alone, for a checkpoint. */
  toJSON(): RWKVFields {
    return { ...this };
  }
}

/**
 * Throws unless an architecture has value embeddings where they are asked for.
 *
 * @throws {RangeError} When it has none, or fewer blocks.
 */
function checkValueEmbeddings(config: RWKVConfig): void {
  const { architecture, valueEmbeddings = 0, nLayers } = config;
  if (valueEmbeddings === 0) return;
  if (architectureOf(config).hasValueEmbeddings !== true) {
    throw new RangeError(
      `Cannot use valueEmbeddings with ${architecture}: it has none`,
    );
  }
  if (valueEmbeddings > nLayers) {
    throw new RangeError(
      `Cannot use valueEmbeddings ${valueEmbeddings}: the model has ${nLayers} blocks`,
    );
  }
}

/** The keys of a TOML file in camelCase; tables are refused as values. */
function tomlTable(toml: string, what: string): Record<string, unknown> {
  const table = parseToml(toml, what);
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [
      key.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase()),
      value,
    ]),
  );
}
