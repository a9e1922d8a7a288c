/**
 * A model whose weights are to be made smaller: which become what, and how.
 *
 * What is small or sensitive is not rounded as far as the rest: vectors (token
 * mixes, biases, norms) stay f32, low-rank branches and what does not fit into
 * blocks become f16, the embedding 8 bits, the head of a model of 4 bits 8.
 *
 * @module
 */

import type { RWKVConfig } from "../../model/config.ts";
import type { Shapes, WeightSource } from "../../model/foreign.ts";
import { productWeights } from "../../model/rwkv.ts";
import { ELEMENT_TYPES } from "../encoding/elements.ts";
import { isBlocks, type StoredType } from "./packing.ts";
import { quantized, type QuantizedType } from "./quantizing.ts";

/** What weights can be made, the largest first. */
export const QUANTIZE_FORMATS = ["f16", "bf16", "q8", "q5", "q4"] as const;
/** See {@linkcode QUANTIZE_FORMATS}. */
export type QuantizeFormat = typeof QUANTIZE_FORMATS[number];

/** What linear maps, the head, the embedding and low ranks become. */
const TYPES: Readonly<
  Record<
    QuantizeFormat,
    Readonly<Record<"maps" | "head" | "embedding", StoredType>>
  >
> = {
  f16: { maps: "F16", head: "F16", embedding: "F16" },
  bf16: { maps: "BF16", head: "BF16", embedding: "F16" },
  q8: { maps: "Q8_0", head: "Q8_0", embedding: "Q8_0" },
  q5: { maps: "Q5_1", head: "Q8_0", embedding: "Q8_0" },
  q4: { maps: "Q4_0", head: "Q8_0", embedding: "Q8_0" },
};

/** What is stored of a model, as `saveWeights` takes it. */
export interface QuantizedModel {
  /** The model's shape. */
  readonly config: RWKVConfig;
  /** The names and extents of its weights. */
  readonly shapes: Shapes;
  /** How a weight is stored. */
  typeOf(name: string): StoredType;
  /** Reads a weight that is not blocks. */
  readWeight(name: string): Float32Array;
  /** Makes the blocks of one that is. */
  readBlocks(name: string): Uint8Array;
}

/**
 * Makes a model smaller. Weights are read and rounded when they are asked for.
 *
 * @param model What it is made of.
 * @param format What its linear maps become.
 * @param importance How much errors of the columns of each map count, as
 * `inputSquares` gives it; evenly unless given.
 */
export function quantizedModel(
  model: WeightSource,
  format: QuantizeFormat,
  importance: ReadonlyMap<string, Float32Array> = new Map(),
): QuantizedModel {
  const { config, shapes } = model;
  const types = storedTypes(config, shapes, format);
  return {
    config,
    shapes,
    typeOf: (name) => types.get(name)!,
    readWeight: (name) => model.readWeight(name),
    readBlocks: (name) =>
      quantized(
        types.get(name) as QuantizedType,
        model.readWeight(name),
        usable(importance.get(name)),
      ),
  };
}

/** How each weight is stored. */
export function storedTypes(
  config: RWKVConfig,
  shapes: Shapes,
  format: QuantizeFormat,
): Map<string, StoredType> {
  const { maps, head, embedding } = TYPES[format];
  const products = new Set(productWeights(config));
  return new Map([...shapes].map(([name, shape]) => {
    if (shape.length < 2) return [name, "F32"];
    const isEmbedding = name.endsWith(".weight") && !products.has(name);
    const wanted = products.has(name)
      ? name === "head.weight" ? head : maps
      : isEmbedding
      ? embedding
      : "F16";
    const fits = shape.at(-1)! % ELEMENT_TYPES[wanted].values === 0;
    return [name, fits || !isBlocks(wanted) ? wanted : "F16"];
  }));
}

/**
 * Columns that were never seen count a little, so that their weights are not
 * anything.
 */
function usable(squares: Float32Array | undefined): Float32Array | undefined {
  if (squares === undefined) return undefined;
  const mean = squares.reduce((sum, value) => sum + value, 0) / squares.length;
  return mean > 0 ? squares.map((value) => value + 1e-3 * mean) : undefined;
}
