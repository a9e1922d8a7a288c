/**
 * One optimizer step: micro-batches through the model and back, the gradients'
 * global norm, AdamW. Saving and loading all of it, so that a continued run is
 * the same run. The loop around it is `run.ts`.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../backend/backend.ts";
import type { TrainingConfig } from "../config.ts";
import type { RWKV } from "../model/rwkv.ts";
import { hashKey } from "../random.ts";
import { Tape } from "../tensor/tape.ts";
import type { Batch } from "./evaluate.ts";
import { getLearningRate } from "./schedule.ts";

/** Keeps dropout's randomness apart from the other uses of the seed. */
const DROPOUT_STREAM = 0xd0;
/** Where the norm stands beside the loss: slices are 64 values apart. */
const NORM_AT = 64;

/** What one step did. */
export interface StepResult {
  /** The step's number, 1 for the first. */
  readonly step: number;
  /** Mean cross-entropy of its tokens, in nats. */
  readonly loss: number;
  /** The gradients' global norm before clipping. */
  readonly gradientNorm: number;
  /** The rate it was made with. */
  readonly learningRate: number;
  /** Tokens it learnt from. */
  readonly tokens: number;
  /** True when the gradients were not finite, so that nothing was changed. */
  readonly skipped: boolean;
}

/**
 * Trains a model step by step.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference.ts";
 * import { RWKVConfig, TrainingConfig } from "../config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { Trainer } from "./trainer.ts";
 * import { assert } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend(), { training: true });
 * model.initialize(1);
 * const trainer = new Trainer(
 *   model,
 *   new TrainingConfig({ gradientAccumulation: 1, warmupSteps: 0, learningRate: 0.01 }),
 * );
 * const batch = {
 *   batch: 1,
 *   time: 4,
 *   inputs: Uint16Array.of(1, 2, 3, 4),
 *   targets: Uint16Array.of(2, 3, 4, 5),
 * };
 * const first = await trainer.trainStep(() => batch);
 * for (let i = 0; i < 20; i++) await trainer.trainStep(() => batch);
 * const last = await trainer.trainStep(() => batch);
 * assert(last.loss < first.loss);
 * ```
 */
export class Trainer {
  /** What is trained. */
  readonly model: RWKV;
  /** How. */
  readonly config: TrainingConfig;
  /** Steps done. */
  step = 0;
  /** Steps that changed the weights; counts AdamW's bias correction. */
  updates = 0;
  /** Tokens learnt from. */
  tokens = 0;

  /** AdamW's first moments, flat as the parameters. */
  readonly firstMoments: Memory;
  /** AdamW's second moments, flat as the parameters. */
  readonly secondMoments: Memory;

  readonly #backend: Backend;
  readonly #tape: Tape;
  /** Loss at 0, squared norm at NORM_AT: one read a step. */
  readonly #results: Memory;
  readonly #loss: Memory;
  readonly #squaredNorm: Memory;
  #inputs?: Indices;
  #targets?: Indices;

  /**
   * @param model Made with `training: true`.
   * @param config The recipe.
   */
  constructor(model: RWKV, config: TrainingConfig) {
    this.model = model;
    this.config = config;
    const backend = this.#backend = model.backend;
    this.#tape = new Tape(backend);
    const { flatLength } = model.parameters;
    this.firstMoments = backend.alloc(flatLength);
    this.secondMoments = backend.alloc(flatLength);
    this.#results = backend.alloc(2 * NORM_AT);
    this.#loss = backend.slice(this.#results, 0, 1);
    this.#squaredNorm = backend.slice(this.#results, NORM_AT, 1);
  }

  /** How many times activations had to be given memory. */
  get allocations(): number {
    return this.#tape.allocations;
  }

  /** The rate of a step; the next one when none is given. */
  getLearningRate(step: number = this.step + 1): number {
    return getLearningRate(step, this.config);
  }

  /**
   * Runs one optimizer step.
   *
   * @param nextBatch Gives each of `gradientAccumulation` micro-batches.
   */
  async trainStep(nextBatch: () => Batch): Promise<StepResult> {
    const { gradientAccumulation, seed } = this.config;
    const backend = this.#backend;
    const step = this.step + 1;
    backend.fill(this.#results, 0);
    let tokens = 0;
    for (let micro = 0; micro < gradientAccumulation; micro++) {
      const batch = nextBatch();
      tokens += batch.inputs.length;
      const dropoutKey = hashKey(seed, DROPOUT_STREAM, step, micro);
      this.#accumulate(batch, dropoutKey);
    }
    const learningRate = this.getLearningRate(step);
    this.#update(learningRate);
    const results = await backend.read(this.#results);
    const gradientNorm = Math.sqrt(results[NORM_AT]);
    const skipped = !Number.isFinite(gradientNorm);
    this.step = step;
    this.tokens += tokens;
    if (!skipped) this.updates++;
    return {
      step,
      loss: results[0],
      gradientNorm,
      learningRate,
      tokens,
      skipped,
    };
  }

  /** Adds one micro-batch's share to the loss and to the gradients. */
  #accumulate(
    { batch, time, inputs, targets }: Batch,
    dropoutKey: number,
  ): void {
    const backend = this.#backend;
    if (this.#inputs?.length !== inputs.length) {
      this.#inputs = backend.allocIndices(inputs.length);
      this.#targets = backend.allocIndices(inputs.length);
    }
    backend.writeIndices(this.#inputs, inputs);
    backend.writeIndices(this.#targets!, targets);
    const hidden = this.model.forward(this.#tape, this.#inputs, {
      batch,
      time,
      dropoutKey: this.model.config.dropout > 0 ? dropoutKey : undefined,
    });
    const scale = 1 / (inputs.length * this.config.gradientAccumulation);
    this.model.loss(this.#tape, hidden, this.#targets!, {
      scale,
      loss: this.#loss,
    });
    this.#tape.backward();
  }

  /** Clips, updates and clears; the device leaves out what is not finite. */
  #update(learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay, clipNorm } = this.config;
    const backend = this.#backend;
    const { groups } = this.model.parameters;
    for (const { grad } of groups) {
      backend.sumOfSquares(this.#squaredNorm, grad);
    }
    for (const { data, grad, start, learningRateScale, decays } of groups) {
      const { length } = data;
      backend.adamW(
        data,
        grad,
        backend.slice(this.firstMoments, start, length),
        backend.slice(this.secondMoments, start, length),
        this.#squaredNorm,
        {
          learningRate: learningRate * learningRateScale,
          beta1,
          beta2,
          epsilon,
          weightDecay: decays ? weightDecay : 0,
          clipNorm,
          step: this.updates + 1,
        },
      );
    }
  }
}
