/**
 * Adapters: what is learnt beside a model whose own weights stay as they are.
 * `lora` adds alpha/rank · B·A to projections of the blocks (Hu et al. 2021,
 * arXiv 2106.09685), `state` is what time mixing remembers before any token.
 * Which tensors that are, by the names and in the layout of RWKV-PEFT.
 *
 * @module
 */

import { architectureOf } from "./architecture.ts";
import type { RWKVConfig } from "./config.ts";
import type { Shapes } from "./foreign.ts";

/** The kinds of adapters. */
export const ADAPTER_KINDS = ["lora", "state"] as const;
/** See {@linkcode ADAPTER_KINDS}. */
export type AdapterKind = typeof ADAPTER_KINDS[number];

/** What an adapter is made of. */
export type AdapterShape =
  | {
    readonly kind: "lora";
    /** Rows of A, columns of B. */
    readonly rank: number;
    /** Over the rank, what B·A is multiplied by. */
    readonly alpha: number;
    /** The adapted projections of a block: `att.key`, or `att` for all of it. */
    readonly targets: readonly string[];
  }
  | { readonly kind: "state" };

/** What the name of A ends with, and that of B. */
export const LORA_A = ".lora_A", LORA_B = ".lora_B";
/** What the name of a state ends with. */
export const TIME_STATE = "time_state";

/** A projection of a block: `blocks.3.att.key.weight`. */
const PROJECTION = /^blocks\.(\d+)\.(.+)\.weight$/;

/**
 * The weights that a LoRA adapts.
 *
 * @param shapes The model's.
 * @param targets Projections of a block, or halves of it.
 * @returns Their names, each with the target that it is in a block.
 * @throws {RangeError} For a target that the blocks do not have.
 *
 * @example
 * ```ts
 * import { adaptedWeights } from "./adapter.ts";
 * import { RWKVConfig } from "./config.ts";
 * import { declaredShapes } from "./rwkv.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shapes = declaredShapes(new RWKVConfig({ nLayers: 1 }));
 * assertEquals(
 *   [...adaptedWeights(shapes, ["att.key", "ffn.value"])],
 *   ["blocks.0.att.key.weight", "blocks.0.ffn.value.weight"],
 * );
 * ```
 */
export function adaptedWeights(
  shapes: Shapes,
  targets: readonly string[],
): string[] {
  const projections = new Map<string, string>();
  for (const [name, shape] of shapes) {
    const [, , part] = PROJECTION.exec(name) ?? [];
    if (part !== undefined && shape.length === 2) projections.set(name, part);
  }
  const isMeant = (part: string, target: string) =>
    part === target || part.startsWith(`${target}.`);
  const parts = [...new Set(projections.values())];
  for (const target of targets) {
    if (parts.some((part) => isMeant(part, target))) continue;
    throw new RangeError(
      `Cannot adapt ${target}: the model's projections are ${parts.join(", ")}`,
    );
  }
  return [...projections]
    .filter(([, part]) => targets.some((target) => isMeant(part, target)))
    .map(([name]) => name);
}

/**
 * Whether a model has a state that an adapter can be: a matrix a head.
 *
 * @param config The model's.
 */
export function hasMatrixState(config: RWKVConfig): boolean {
  return architectureOf(config).fields.headSize !== undefined;
}

/**
 * The names and extents of an adapter's tensors: of a LoRA A (rank, in) and B
 * (out, rank), of a state (heads, headSize, headSize) a block.
 *
 * @param config The model's.
 * @param shapes The model's weights.
 * @param adapter What it is made of.
 * @throws {RangeError} When the model has no such parts.
 */
export function adapterTensors(
  config: RWKVConfig,
  shapes: Shapes,
  adapter: AdapterShape,
): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  if (adapter.kind === "lora") {
    for (const weight of adaptedWeights(shapes, adapter.targets)) {
      const [out, input] = shapes.get(weight)!, base = baseOf(weight);
      tensors.set(base + LORA_A, [adapter.rank, input]);
      tensors.set(base + LORA_B, [out, adapter.rank]);
    }
    return tensors;
  }
  const { title, names } = architectureOf(config);
  if (!hasMatrixState(config)) {
    throw new RangeError(
      `Cannot tune the state of ${title}: only RWKV-6 and RWKV-7 have one that is a matrix`,
    );
  }
  const { dModel, headSize, nLayers } = config;
  for (let layer = 0; layer < nLayers; layer++) {
    tensors.set(
      `blocks.${layer}.${names.timeMixing}.${TIME_STATE}`,
      [dModel / headSize, headSize, headSize],
    );
  }
  return tensors;
}

/** `blocks.3.att.key` of `blocks.3.att.key.weight`. */
export function baseOf(weight: string): string {
  return weight.slice(0, -".weight".length);
}

/**
 * The weights that are meant by names of parts: `emb` and `head`, `att` or
 * `ffn.key` of every block, `blocks.0` for all of one.
 *
 * @param shapes The model's.
 * @param parts The names.
 * @throws {RangeError} For a name that means none.
 *
 * @example
 * ```ts
 * import { weightsOfParts } from "./adapter.ts";
 * import { RWKVConfig } from "./config.ts";
 * import { declaredShapes } from "./rwkv.ts";
 * import { assert } from "@std/assert";
 *
 * const shapes = declaredShapes(new RWKVConfig({ nLayers: 1 }));
 * const found = weightsOfParts(shapes, ["emb", "att.key"]);
 * assert(found.has("emb.weight") && found.has("blocks.0.att.key.weight"));
 * ```
 */
export function weightsOfParts(
  shapes: Shapes,
  parts: readonly string[],
): Set<string> {
  const found = new Set<string>();
  for (const part of parts) {
    const isMeant = (name: string) =>
      name === part || name.startsWith(`${part}.`);
    let isThere = false;
    for (const name of shapes.keys()) {
      if (!isMeant(name) && !isMeant(name.replace(/^blocks\.\d+\./, ""))) {
        continue;
      }
      isThere = true;
      found.add(name);
    }
    if (isThere) continue;
    const known = [...shapes.keys()].map((name) =>
      name.replace(/^blocks\.\d+\./, "").split(".")[0]
    );
    throw new RangeError(
      `Cannot freeze ${part}: the model's parts are ${
        [...new Set(known)].join(", ")
      }`,
    );
  }
  return found;
}
