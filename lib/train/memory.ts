/**
 * How much memory a training run takes, before it is started.
 *
 * @module
 */

import { architectureOf } from "../model/architecture.ts";
import type { RWKVConfig } from "../model/config.ts";

/** Bytes of an f32. */
const F32 = 4;
/** Rows of logits held at a time by the output head. */
const HEAD_ROWS = 256;

/** The parts of a run's memory, in bytes. */
export interface TrainingMemory {
  /** Weights, gradients and AdamW's two moments. */
  readonly parameters: number;
  /** What the forward pass leaves for the backward pass, and its gradients. */
  readonly activations: number;
  /** Logits of one chunk of the output head. */
  readonly head: number;
  /** All of it. */
  readonly total: number;
}

/**
 * The numbers a training step of the engine holds at its peak. The program
 * itself takes some 150 MB more.
 *
 * @param config The model.
 * @param shape Windows of a micro-batch, tokens of each, and whether blocks are
 * recomputed on the way back.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { trainingMemory } from "./memory.ts";
 * import { assert } from "@std/assert";
 *
 * const { total } = trainingMemory(RWKVConfig.ptbrMicro(), { batch: 2, time: 256 });
 * assert(total < 600e6);
 * ```
 */
export function trainingMemory(
  config: RWKVConfig,
  { batch, time, recompute = false }: {
    batch: number;
    time: number;
    recompute?: boolean;
  },
): TrainingMemory {
  const { nLayers, vocabSize, dModel: d } = config;
  const tokens = batch * time;
  const { block, backward, scratch } = architectureOf(config)
    .activations(config);
  // Recomputed, a block keeps its output alone; but for the first and the one
  // that is worked on.
  const kept = recompute ? nLayers * d + 2 * block : nLayers * block;
  const activations = F32 *
    (tokens * (kept + backward + 4 * d) + batch * scratch);
  const head = F32 * Math.min(HEAD_ROWS, tokens) * vocabSize;
  const parameters = 4 * F32 * config.numParameters();
  return {
    parameters,
    activations,
    head,
    total: parameters + activations + head,
  };
}

/** A shape of training that fits into memory. */
export interface FittingShape {
  /** Windows of a micro-batch. */
  readonly batch: number;
  /** Tokens of each. */
  readonly time: number;
}

/**
 * The largest shape whose training fits with blocks recomputed: the one asked
 * for, or with fewer windows, or where one is too much, with shorter ones, by
 * halves.
 *
 * @param config The model.
 * @param shape What is wanted.
 * @param bytes How much there is.
 * @returns Undefined when not even one token fits.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { shapeThatFits, trainingMemory } from "./memory.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const config = RWKVConfig.ptbrMicro();
 * const { batch, time } = shapeThatFits(config, { batch: 64, time: 256 }, 1e9)!;
 * assert(batch < 64 && time === 256);
 * assert(trainingMemory(config, { batch, time, recompute: true }).total < 1e9);
 * assertEquals(shapeThatFits(config, { batch, time }, 0.1e9), undefined);
 * ```
 */
export function shapeThatFits(
  config: RWKVConfig,
  { batch, time }: FittingShape,
  bytes: number,
): FittingShape | undefined {
  const fits = (batch: number, time: number) =>
    trainingMemory(config, { batch, time, recompute: true }).total <= bytes;
  for (let fewer = batch; fewer > 0; fewer--) {
    if (fits(fewer, time)) return { batch: fewer, time };
  }
  for (let shorter = time >> 1; shorter > 0; shorter >>= 1) {
    if (fits(1, shorter)) return { batch: 1, time: shorter };
  }
  return undefined;
}
