/**
 * Models of random weights that are nowhere in memory, for the tests of what
 * is written for other programs.
 *
 * @module
 */

import { countOf } from "../../lib/checkpoint/encoding/tensor_encoding.ts";
import { RWKVConfig, type RWKVFields } from "../../lib/model/config.ts";
import type { WeightSource } from "../../lib/model/foreign.ts";
import { declaredShapes } from "../../lib/model/rwkv.ts";
import { randomValues } from "./models.ts";

/** A model; equal fields give equal weights. */
export function weights(fields: Partial<RWKVFields>): WeightSource {
  const config = new RWKVConfig({
    vocabSize: 40,
    dModel: 128,
    nLayers: 2,
    dFfn: 96,
    ...fields,
  });
  const shapes = declaredShapes(config);
  return {
    config,
    shapes,
    readWeight: (name) =>
      randomValues({ name, length: countOf(shapes.get(name)!) }, 1),
  };
}
