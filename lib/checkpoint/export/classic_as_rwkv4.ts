/**
 * A `classic` model as the official RWKV-4 that computes the same: its token
 * shift is a mix of ½, its attention over time is WKV without decay and bonus,
 * its `ln_pre` is `ln0`. So programs that know RWKV-4 can run it.
 *
 * @module
 */

import { RWKVConfig } from "../../model/config.ts";
import type { WeightSource } from "../../model/foreign.ts";
import { declaredShapes } from "../../model/rwkv.ts";
import { countOf } from "../encoding/tensor_encoding.ts";

/** exp(-exp(-100)) is 1 in any float: nothing decays. */
const NO_DECAY = -100;

/** What RWKV-4 learns and `classic` has fixed. */
const FIXED: readonly (readonly [ending: string, value: number])[] = [
  [".time_decay", NO_DECAY],
  [".time_first", 0],
  [".time_mix_k", 0.5],
  [".time_mix_v", 0.5],
  [".time_mix_r", 0.5],
];

/** Parts of names: RWKV-4's, and `classic`'s. */
const NAMES: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^emb\./, "embedding."],
  [/^blocks\.0\.ln0\./, "ln_pre."],
  [/\.att\./, ".time_mixing."],
  [/\.ffn\./, ".channel_mixing."],
  [/((?:^|\.)ln\w+)\.weight$/, "$1.gamma"],
  [/((?:^|\.)ln\w+)\.bias$/, "$1.beta"],
];

/**
 * Sees a classic model as RWKV-4.
 *
 * @param model The model; it stays as it is.
 * @returns RWKV-4 with its weights.
 * @throws {RangeError} When no RWKV-4 computes the same: for attention over
 * channels, and without `ln_pre`.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../../model/config.ts";
 * import { declaredShapes } from "../../model/rwkv.ts";
 * import { classicAsRwkv4 } from "./classic_as_rwkv4.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ architecture: "classic", dModel: 2 });
 * const readWeight = () => Float32Array.of(7, 7);
 * const shapes = declaredShapes(config);
 * const rwkv4 = classicAsRwkv4({ config, shapes, readWeight });
 * assertEquals(rwkv4.readWeight("blocks.0.att.time_mix_k"), Float32Array.of(0.5, 0.5));
 * assertEquals(rwkv4.readWeight("blocks.0.ln0.bias"), Float32Array.of(7, 7));
 * ```
 */
export function classicAsRwkv4(model: WeightSource): WeightSource {
  const { timeMixing, embeddingNorm } = model.config;
  if (timeMixing === "channels" || !embeddingNorm) {
    throw new RangeError(
      "Cannot export to safetensors: no official RWKV-4 computes what a " +
        `classic model ${
          embeddingNorm ? "with attention over channels" : "without ln_pre"
        } does`,
    );
  }
  const config = new RWKVConfig({
    ...model.config.toJSON(),
    architecture: "rwkv4",
  });
  const shapes = declaredShapes(config);
  return {
    config,
    shapes,
    readWeight(name) {
      const fixed = FIXED.find(([ending]) => name.endsWith(ending));
      if (fixed !== undefined) {
        return new Float32Array(countOf(shapes.get(name)!)).fill(fixed[1]);
      }
      let own = name;
      for (const [theirs, ours] of NAMES) own = own.replace(theirs, ours);
      return model.readWeight(own);
    },
  };
}
