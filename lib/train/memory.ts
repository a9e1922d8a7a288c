/**
 * How much memory a training run takes, found out by a step that only counts.
 *
 * @module
 */

import { CountingBackend } from "../backend/counting.ts";
import type { RWKVConfig } from "../model/config.ts";
import { RWKV } from "../model/rwkv.ts";
import { TrainingConfig } from "../training_config.ts";
import { cutBatch, partsOfWindow } from "./sequence_warmup.ts";
import { Trainer } from "./trainer.ts";

/**
 * Bytes that the program takes beside its numbers, about: measured while
 * training, 90 to 140 million.
 */
export const PROGRAM_MEMORY = 120e6;
/** What the CPU engine can address (wasm32), in bytes. */
export const CPU_LIMIT = 2 ** 32;

/** The tokens of a micro-batch. */
export interface TrainingShape {
  /** Windows of a micro-batch. */
  readonly batch: number;
  /** Tokens of each. */
  readonly time: number;
  /**
   * The recipe, which says what is trained, and whose optimizer and averages take
   * memory too; AdamW of all without averages unless given.
   */
  readonly training?: TrainingConfig;
}

/**
 * Bytes of numbers that a training step of the engine holds: weights, gradients,
 * what the optimizer keeps, activations; {@linkcode PROGRAM_MEMORY} comes on top.
 *
 * @param config The model.
 * @param shape Windows of a micro-batch, tokens of each, the recipe, and whether
 * blocks are recomputed on the way back.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { trainingMemory } from "./memory.ts";
 * import { assert } from "@std/assert";
 *
 * const bytes = trainingMemory(RWKVConfig.ptbrMicro(), { batch: 2, time: 256 });
 * assert(bytes < 600e6);
 * ```
 */
export function trainingMemory(
  config: RWKVConfig,
  { batch, time, training = new TrainingConfig(), recompute }: TrainingShape & {
    readonly recompute?: boolean;
  },
): number {
  const backend = new CountingBackend();
  const { trainedAdapter: adapter, frozenParts: frozen } = training;
  const model = new RWKV(config, backend, { training: true, adapter, frozen });
  const own = new TrainingConfig({ ...training.toJSON(), batchSize: batch });
  const trainer = new Trainer(model, own, { recompute });
  const tokens = new Uint16Array(batch * time);
  const windows = { rows: batch, inputs: tokens, targets: tokens };
  // Of each shape, as their memory is not given back.
  for (let parts = partsOfWindow(1, time, training); parts > 1; parts /= 2) {
    trainer.accumulate(cutBatch(windows, parts), 0);
  }
  const state = training.carryState ? model.newState(batch) : undefined;
  trainer.accumulate(windows, 0, state);
  return backend.bytesUsed;
}

/** How a training can be done within a memory. */
export interface TrainingFit {
  /** Bytes of numbers. */
  readonly bytes: number;
  /** Whether blocks are recomputed on the way back. */
  readonly recompute: boolean;
  /** Whether all fits. */
  readonly fits: boolean;
  /** Bytes without recomputing, where that is what does not fit. */
  readonly whole?: number;
}

/**
 * Whether a training fits a memory, if need be with blocks recomputed.
 *
 * @param config The model.
 * @param shape What is wanted, and whether to recompute in any case.
 * @param bytes How much there is for numbers.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { fitTraining } from "./memory.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = RWKVConfig.ptbrMicro(), shape = { batch: 8, time: 256 };
 * assertEquals(fitTraining(config, shape, 4e9).recompute, false);
 * const { recompute, fits } = fitTraining(config, shape, 0.5e9);
 * assertEquals({ recompute, fits }, { recompute: true, fits: true });
 * assertEquals(fitTraining(config, shape, 0.1e9).fits, false);
 * ```
 */
export function fitTraining(
  config: RWKVConfig,
  { recompute = false, ...shape }: TrainingShape & {
    readonly recompute?: boolean;
  },
  bytes: number,
): TrainingFit {
  const whole = recompute ? undefined : trainingMemory(config, shape);
  if (whole !== undefined && whole <= bytes) {
    return { bytes: whole, recompute, fits: true };
  }
  const less = trainingMemory(config, { ...shape, recompute: true });
  return { bytes: less, recompute: true, fits: less <= bytes, whole };
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
 * assert(trainingMemory(config, { batch, time, recompute: true }) < 1e9);
 * assertEquals(shapeThatFits(config, { batch, time }, 0.1e9), undefined);
 * ```
 */
export function shapeThatFits(
  config: RWKVConfig,
  { batch, time, training }: TrainingShape,
  bytes: number,
): Omit<TrainingShape, "training"> | undefined {
  const fits = (batch: number, time: number) => {
    const shape = { batch, time, training, recompute: true };
    return trainingMemory(config, shape) <= bytes;
  };
  if (fits(1, time)) {
    let low = 1, high = batch + 1; // the first fits, the last does not
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (fits(middle, time)) low = middle;
      else high = middle;
    }
    return { batch: low, time };
  }
  for (let shorter = time >> 1; shorter > 0; shorter >>= 1) {
    if (fits(1, shorter)) return { batch: 1, time: shorter };
  }
  return undefined;
}
