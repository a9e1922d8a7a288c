/**
 * One optimizer step: micro-batches through the model and back, the gradients'
 * global norm, the update (`optimizer.ts`). Saving and loading all of it, so that
 * a continued run is the same run. The loop around it is `run.ts`.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../backend/backend.ts";
import type { ByteSink } from "../checkpoint/encoding/msgpack_writer.ts";
import type { CheckpointReader } from "../checkpoint/native/checkpoint_reader.ts";
import { saveModel } from "../checkpoint/native/mpk_writer.ts";
import type {
  MomentReaders,
  TrainState,
} from "../checkpoint/native/train_state.ts";
import type { Batch } from "../dataset/data_loader.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { SingleProcess } from "../distributed/single_process.ts";
import { EventTurns } from "../turns.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { RWKVState } from "../model/state.ts";
import { hashKey } from "../random.ts";
import { Tape } from "../tensor/tape.ts";
import type { TrainingConfig } from "../training_config.ts";
import { CarriedStates } from "./carried_states.ts";
import { DataParallel, type PartReport } from "./data_parallel.ts";
import { writtenTo } from "./evaluate.ts";
import { type Kept, Optimizer } from "./optimizer.ts";
import { getLearningRate } from "./schedule.ts";
import { cutBatch, partsOfWindow } from "./sequence_warmup.ts";
import { SharedMoments } from "./shared_moments.ts";
import { startFromTuned, TunedState } from "./tuned_state.ts";

/** Keeps dropout's randomness apart from the other uses of the seed. */
const DROPOUT_STREAM = 0xd0;
/** Where the squared norm stands: after the loss, as slices are 64 values apart. */
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
  /** Of several ranks the one that took longest. */
  readonly slowest?: SlowestRank;
}

/** The rank that the others waited for. */
export interface SlowestRank {
  /** Which one. */
  readonly rank: number;
  /** Seconds that it has computed. */
  readonly seconds: number;
  /** The mean of the others'. */
  readonly others: number;
}

/** What a checkpoint holds of the run around the trainer. */
export interface RunProgress
  extends
    Pick<TrainState, "dataPosition" | "run" | "data" | "unlogged" | "base"> {
  /** Identity of the tokenizer, see `identityOf`. */
  readonly tokenizerSha256: string;
}

/**
 * Trains a model step by step.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { TrainingConfig } from "../training_config.ts";
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
 *   rows: 1,
 *   inputs: Uint16Array.of(1, 2, 3, 4),
 *   targets: Uint16Array.of(2, 3, 4, 5),
 * };
 * const first = await trainer.trainStep(() => batch);
 * for (let i = 0; i < 20; i++) await trainer.trainStep(() => batch);
 * const last = await trainer.trainStep(() => batch);
 * assert(last!.loss < first!.loss);
 * ```
 */
export class Trainer {
  /** What is trained. */
  readonly model: RWKV;
  /** The recipe. */
  readonly config: TrainingConfig;
  /** Steps done. */
  step = 0;
  /** Steps that changed the weights; for AdamW's bias correction and averages. */
  updates = 0;
  /** Tokens learnt from. */
  tokens = 0;
  /** What the rates of the schedule are multiplied by. */
  rateScale = 1;

  /** What updates the weights, with all that it keeps. */
  readonly optimizer: Optimizer;

  /** Who trains together. */
  readonly ranks: Communicator;

  /** Records the steps; between them others may use its memory. */
  readonly tape: Tape;

  readonly #backend: Backend;
  readonly #recompute: boolean;
  /** Adds up the parts of a step, where there are several. */
  readonly #parallel?: DataParallel;
  /** What the rows of a step leave for the next, where that is carried on. */
  readonly #states?: CarriedStates;
  /** Loss at 0, squared norm at NORM_AT: one read a step. */
  readonly #results: Memory;
  readonly #loss: Memory;
  readonly #squaredNorm: Memory;
  readonly #turns = new EventTurns();
  readonly #tuned = new Map<number, TunedState>();
  #inputs?: Indices;
  #targets?: Indices;

  /**
   * Reserves what the optimizer keeps, all zero.
   *
   * @param model Made with `training: true`.
   * @param config The recipe.
   * @param options `recompute: true` to take less memory and more time, for the
   * same results; see `ForwardOptions`. `ranks`: who trains together, with the
   * same model and recipe; this process alone unless given.
   * @throws {RangeError} When there are more ranks than the recipe has parts.
   */
  constructor(
    model: RWKV,
    config: TrainingConfig,
    { recompute = false, ranks = new SingleProcess() }: {
      recompute?: boolean;
      ranks?: Communicator;
    } = {},
  ) {
    this.model = model;
    this.config = config;
    this.#recompute = recompute;
    const backend = this.#backend = model.backend;
    this.tape = new Tape(backend);
    this.ranks = ranks;
    const { parameters } = model;
    if (ranks.size > 1 || (config.gradientParts ?? 1) > 1) {
      this.#parallel = new DataParallel(backend, parameters, { config, ranks });
    }
    const shard = this.#parallel?.shard;
    this.optimizer = new Optimizer(backend, parameters, config, shard);
    if (config.carryState) this.#states = new CarriedStates(model, config);
    this.#results = backend.alloc(2 * NORM_AT);
    this.#loss = backend.slice(this.#results, 0, 1);
    this.#squaredNorm = backend.slice(this.#results, NORM_AT, 1);
  }

  /** The rate of a step; the next one when none is given. */
  getLearningRate(step: number = this.step + 1): number {
    return this.rateScale * getLearningRate(step, this.config);
  }

  /** Whether there are averaged weights, which the first update makes. */
  get hasAverages(): boolean {
    return this.optimizer.hasAverages && this.updates > 0;
  }

  /**
   * Does something with the averaged weights in the place of the model's, where
   * there are any.
   *
   * @param work What is done; no step among it.
   * @returns What it returns.
   */
  async withAverages<R>(work: () => Promise<R>): Promise<R> {
    if (!this.hasAverages) return await work();
    this.optimizer.swapAverages();
    try {
      return await work();
    } finally {
      this.optimizer.swapAverages();
    }
  }

  /**
   * Runs one optimizer step.
   *
   * @param nextBatch Gives the micro-batch of a number, of which a step has
   * `gradientAccumulation`. They are asked for in ascending order, but for a
   * recipe of several parts; of several ranks each asks for its own.
   * @param signal Looked at between them: an aborted step changes nothing. What
   * one of several ranks is told ends the step on all.
   * @returns What it did; undefined when it was aborted.
   */
  async trainStep(
    nextBatch: (micro: number) => Batch,
    signal?: AbortSignal,
  ): Promise<StepResult | undefined> {
    const step = this.step + 1;
    this.#backend.run("fill", { out: this.#results }, { value: 0 });
    const learningRate = this.getLearningRate(step);
    const done = this.#parallel === undefined
      ? await this.#stepAlone(nextBatch, learningRate, signal)
      : await this.#stepInParts(this.#parallel, nextBatch, {
        learningRate,
        signal,
      });
    if (done === undefined) {
      this.#clearGradients();
      return undefined;
    }
    const { loss, squaredNorm, tokens, slowest } = done;
    const gradientNorm = Math.sqrt(squaredNorm);
    const skipped = !Number.isFinite(gradientNorm);
    this.step = step;
    this.tokens += tokens;
    if (!skipped) this.updates++;
    if (this.model.adapter?.kind === "state") await startFromTuned(this.model);
    // What is not finite may have come from a state, or be in it now.
    if (skipped) this.#states?.reset();
    else this.#states?.keep();
    return {
      step,
      loss,
      gradientNorm,
      learningRate,
      tokens,
      skipped,
      ...slowest && { slowest },
    };
  }

  /** A step whose gradients are added up where they are made. */
  async #stepAlone(
    nextBatch: (micro: number) => Batch,
    learningRate: number,
    signal?: AbortSignal,
  ): Promise<StepSum | undefined> {
    const { gradientAccumulation } = this.config;
    let tokens = 0;
    for (let micro = 0; micro < gradientAccumulation; micro++) {
      await this.#turns.next();
      if (signal?.aborted) return undefined;
      tokens += this.#learn(micro, nextBatch(micro));
    }
    this.#update(learningRate);
    const results = await this.#backend.read(this.#results);
    return { loss: results[0], squaredNorm: results[NORM_AT], tokens };
  }

  /** A step whose gradients are made in parts, which ranks may share. */
  async #stepInParts(
    parallel: DataParallel,
    nextBatch: (micro: number) => Batch,
    { learningRate, signal }: {
      readonly learningRate: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<StepSum | undefined> {
    const { gradientAccumulation } = this.config, backend = this.#backend;
    const seconds = Array.from({ length: this.ranks.size }, () => 0);
    let loss = 0, tokens = 0;
    parallel.begin();
    for (let round = 0; round < parallel.rounds; round++) {
      const micros = parallel.microBatchesOf(round, gradientAccumulation);
      const own = await this.#learnPart(micros, nextBatch, signal);
      const reports = await parallel.report(own);
      if (reports.some(({ isInterrupted }) => isInterrupted)) return undefined;
      for (const [rank, report] of reports.entries()) {
        loss = Math.fround(loss + report.loss);
        tokens += report.tokens;
        seconds[rank] += report.seconds;
      }
      await parallel.add(round);
    }
    const norm = await parallel.finish();
    // What is not finite in the loss need not be so in the gradients.
    const squaredNorm = Math.fround(norm + 0 * loss);
    backend.write(this.#squaredNorm, Float32Array.of(squaredNorm));
    const update = {
      learningRate,
      step: this.updates + 1,
      squaredNorm: this.#squaredNorm,
    };
    this.optimizer.updateWeights(update);
    await parallel.shareWeights();
    this.optimizer.updateAverages(update);
    return { loss, squaredNorm, tokens, slowest: slowestOf(seconds) };
  }

  /** The micro-batches of a part, one after another. */
  async #learnPart(
    micros: readonly number[],
    nextBatch: (micro: number) => Batch,
    signal?: AbortSignal,
  ): Promise<PartReport> {
    const backend = this.#backend, begun = performance.now();
    let tokens = 0;
    backend.run("fill", { out: this.#loss }, { value: 0 });
    for (const micro of micros) {
      await this.#turns.next();
      if (signal?.aborted) break;
      tokens += this.#learn(micro, nextBatch(micro));
    }
    const [loss] = await backend.read(this.#loss);
    const seconds = (performance.now() - begun) / 1000;
    return { loss, tokens, seconds, isInterrupted: signal?.aborted ?? false };
  }

  /** Adds a micro-batch to the gradients; how many tokens it has. */
  #learn(micro: number, whole: Batch): number {
    const { seed } = this.config, step = this.step + 1;
    const { length } = whole.inputs;
    const parts = partsOfWindow(step, length / whole.rows, this.config);
    const batch = cutBatch(whole, parts);
    const dropoutKey = hashKey(seed, DROPOUT_STREAM, step, micro);
    const state = parts > 1
      ? undefined
      : this.#states?.begin(micro, batch.anew);
    this.accumulate(batch, dropoutKey, state);
    return length;
  }

  /** Carries nothing on to the next step, whose data are no continuation. */
  forgetStates(): void {
    this.#states?.reset();
  }

  /**
   * Writes all that is needed to go on exactly from here. Of several ranks the
   * first writes, and all have to call it.
   *
   * @param target As a rule `checkpoint_{step}.mpk`, or what takes the bytes.
   * @param progress Where the data loader stands, and whose tokens it reads.
   */
  async saveCheckpoint(
    target: string | ByteSink,
    { dataPosition, run, data, unlogged, base, tokenizerSha256 }: RunProgress,
  ): Promise<void> {
    const backend = this.#backend, { ranks, optimizer, model } = this;
    const shared = ranks.size === 1
      ? undefined
      : new SharedMoments(backend, optimizer, model.parameters, ranks);
    if (this.#parallel !== undefined) {
      await this.#states?.share(
        ranks,
        (micro) => this.#parallel!.rankOf(micro),
      );
    }
    if (ranks.rank > 0) return await shared!.serve();
    await saveModel(target, model, {
      tokenizerSha256,
      train: {
        state: {
          step: this.step,
          optimizerStep: this.updates,
          tokens: this.tokens,
          dataPosition,
          rateScale: this.rateScale === 1 ? undefined : this.rateScale,
          run,
          data,
          unlogged,
          base,
          training: this.config,
        },
        states: await this.#states?.save(),
        moments: (parameter) =>
          shared?.readersOf(parameter) ??
            readersOf(backend, optimizer.keptOf(parameter)),
      },
    });
    await shared?.end();
  }

  /**
   * Takes over weights, moments and counters.
   *
   * @param checkpoint One made with {@linkcode Trainer.saveCheckpoint}, of a
   * model of the same shape.
   * @throws {TypeError} When the shape is another, or it is a finished model.
   */
  loadCheckpoint(checkpoint: CheckpointReader): void {
    if (checkpoint.train === undefined) {
      throw new TypeError(
        `Cannot continue from "${checkpoint.path}": it is a finished model without optimizer state`,
      );
    }
    checkpoint.loadInto(this.model, "last");
    const { adapter } = checkpoint;
    if (adapter?.kind === "state") {
      const names = [...checkpoint.shapes.keys()];
      this.model.startFrom(
        new Map(
          names.map((name) => [name, checkpoint.readWeight(name, "last")]),
        ),
      );
    }
    const backend = this.#backend;
    for (const parameter of this.model.parameters) {
      if (parameter.isFrozen) continue;
      const saved = checkpoint.readMoments(parameter.name);
      const own = this.optimizer.keptOf(parameter);
      const { from, to } = this.optimizer.partOf(parameter);
      for (const [name, memory] of Object.entries(own)) {
        const values = saved[name as keyof Kept];
        if (values === undefined) {
          throw new TypeError(
            `Cannot continue from "${checkpoint.path}": it has no ${name} of ${parameter.name}`,
          );
        }
        const isWhole = name === "average"; // which all ranks have
        backend.write(memory, isWhole ? values : values.subarray(from, to));
      }
    }
    this.#states?.restore(checkpoint.readStates());
    const { step, optimizerStep, tokens, rateScale } = checkpoint.train;
    this.step = step;
    this.updates = optimizerStep;
    this.tokens = tokens;
    this.rateScale = rateScale ?? 1;
  }

  /**
   * Adds one micro-batch's share to the loss and to the gradients, without an
   * update: a part of {@linkcode Trainer.trainStep}.
   *
   * @param batch The tokens.
   * @param dropoutKey Chooses what is dropped.
   * @param state What its rows go on from, and leave; absent: they begin anew.
   */
  accumulate(
    { rows: batch, inputs, targets, weights }: Batch,
    dropoutKey: number,
    state?: RWKVState,
  ): void {
    const backend = this.#backend;
    if (this.#inputs?.length !== inputs.length) {
      this.#inputs = backend.allocIndices(inputs.length);
      this.#targets = backend.allocIndices(inputs.length);
    }
    backend.writeIndices(this.#inputs, inputs);
    backend.writeIndices(this.#targets!, targets);
    const hidden = this.model.forward(this.tape, this.#inputs, {
      batch,
      time: inputs.length / batch,
      dropoutKey: this.model.config.dropout > 0 ? dropoutKey : undefined,
      recompute: this.#recompute,
      state: this.#tunedState(batch)?.begin() ?? state,
    });
    // The mean of the micro-batch: of what is to be learnt in it, if not all.
    const learnt = weights === undefined
      ? inputs.length
      : Math.max(1, weights.reduce((sum, weight) => sum + weight, 0));
    this.model.loss(this.tape, hidden, this.#targets!, {
      scale: 1 / (learnt * this.config.gradientAccumulation),
      loss: this.#loss,
      weights: weights && writtenTo(this.tape, weights),
    });
    this.tape.backward();
    this.#tunedState(batch)?.end();
  }

  /** The states that a batch begins with, where those are trained. */
  #tunedState(batch: number): TunedState | undefined {
    if (this.model.adapter?.kind !== "state") return undefined;
    let found = this.#tuned.get(batch);
    if (found === undefined) {
      this.#tuned.set(batch, found = new TunedState(this.model, batch));
    }
    return found;
  }

  /**
   * Computes a micro-batch as a step does and forgets it, so that one knows how
   * long it takes.
   *
   * @param batch The tokens.
   */
  async rehearse(batch: Batch): Promise<void> {
    this.accumulate(batch, 0);
    this.#clearGradients();
    await this.#backend.read(this.#results);
  }

  /**
   * Updates nothing, as a step updates the weights, so that one knows how long it
   * takes: at a rate of zero, from gradients that are zero. Not after a step.
   */
  async rehearseUpdate(): Promise<void> {
    this.#update(0);
    await this.#backend.read(this.#results);
  }

  #clearGradients(): void {
    for (const { grad } of this.model.parameters.groups) {
      this.#backend.run("fill", { out: grad }, { value: 0 });
    }
  }

  /** Clips, updates and clears; the device leaves out what is not finite. */
  #update(learningRate: number): void {
    const backend = this.#backend;
    const { groups } = this.model.parameters;
    for (const { grad } of groups) {
      backend.run("sumOfSquares", { out: this.#squaredNorm, x: grad });
    }
    // Adds nothing to the norm, unless the loss is not finite: then nor is it.
    const loss = { out: this.#squaredNorm, x: this.#loss };
    backend.run("sum", loss, { scale: 0 });
    this.optimizer.update({
      learningRate,
      step: this.updates + 1,
      squaredNorm: this.#squaredNorm,
    });
  }
}

/** What has come of the micro-batches of a step. */
interface StepSum extends Pick<StepResult, "loss" | "tokens" | "slowest"> {
  /** Of the gradients before clipping. */
  readonly squaredNorm: number;
}

/** Who took longest, where there are several. */
function slowestOf(seconds: readonly number[]): SlowestRank | undefined {
  if (seconds.length === 1) return undefined;
  const most = Math.max(...seconds);
  const all = seconds.reduce((sum, each) => sum + each, 0);
  return {
    rank: seconds.indexOf(most),
    seconds: most,
    others: (all - most) / (seconds.length - 1),
  };
}

/** What reads each of some memories when it is wanted. */
function readersOf(backend: Backend, kept: Kept): MomentReaders {
  const read = (memory: Memory) => () => backend.read(memory);
  const { first, second, average } = kept;
  return {
    first: read(first!), // who is alone has all
    ...second && { second: read(second) },
    ...average && { average: read(average) },
  };
}
