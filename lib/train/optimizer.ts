/**
 * What follows the gradients: AdamW, or Muon for the matrices of the blocks
 * (`muon.ts`), and the moving averages of the weights. Holds all that this takes
 * beside weights and gradients.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import type {
  FlatGroup,
  Parameter,
  ParameterSet,
} from "../model/parameters.ts";
import type { TrainingConfig } from "../training_config.ts";
import { Muon, type MuonMatrix } from "./muon.ts";
import { getWeightDecay } from "./schedule.ts";

/** What is kept of a parameter besides its values, each in its own layout. */
export interface Kept {
  /**
   * AdamW's first moments, or Muon's momentum; of what another rank updates they
   * are absent.
   */
  readonly first?: Memory;
  /** AdamW's second moments; absent from Muon's matrices. */
  readonly second?: Memory;
  /** The moving averages; absent where there are none. */
  readonly average?: Memory;
}

/**
 * How many values a recipe keeps of parameters besides themselves.
 *
 * @param parameters All of a model.
 * @param config The recipe.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../model/config.ts";
 * import { declaredParameters } from "../model/rwkv.ts";
 * import { TrainingConfig } from "../training_config.ts";
 * import { keptValues } from "./optimizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const parameters = declaredParameters(RWKVConfig.ptbrMicro());
 * const { count } = parameters;
 * assertEquals(keptValues(parameters, new TrainingConfig()), 2 * count);
 * const averaged = new TrainingConfig({ emaDecay: 0.999 });
 * assertEquals(keptValues(parameters, averaged), 3 * count);
 * ```
 */
export function keptValues(
  parameters: Iterable<Parameter>,
  config: TrainingConfig,
): number {
  let values = 0;
  for (const parameter of parameters) {
    if (parameter.isFrozen) continue;
    const moments = isMuons(parameter, config) ? 1 : 2;
    const averages = config.emaDecay === undefined ? 0 : 1;
    values += (moments + averages) * parameter.length;
  }
  return values;
}

/** A stretch of the flat memory of the parameters. */
export interface Shard {
  /** Where it starts; a multiple of 64. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

/** Whether Muon changes a parameter. */
export function isMuons(
  { kind }: Parameter,
  { optimizer }: TrainingConfig,
): boolean {
  return kind === "matrix" && optimizer === "muon";
}

/** Neighbours in the flat memory that AdamW treats alike. */
interface Stretch {
  readonly group: FlatGroup;
  /** What the learning rate is multiplied by. */
  readonly rate: number;
  /** Where it starts and ends in the flat memory. */
  readonly start: number;
  readonly end: number;
}

/** An update. */
export interface UpdateOptions {
  /** η of this step. */
  readonly learningRate: number;
  /** 1 for the first. */
  readonly step: number;
  /** Where the squared norm of all gradients stands. */
  readonly squaredNorm: Memory;
}

/** Updates the parameters of a model. */
export class Optimizer {
  /** AdamW's first moments and Muon's momenta, flat as the shard's parameters. */
  readonly firstMoments: Memory;
  readonly #backend: Backend;
  readonly #parameters: ParameterSet;
  readonly #config: TrainingConfig;
  readonly #shard: Shard;
  readonly #stretches: readonly Stretch[];
  /** Those of the stretches, one after another. */
  readonly #secondMoments: Memory;
  /** Where a stretch has its second moments. */
  readonly #secondStarts = new Map<Stretch, number>();
  /** Muon of each group that has matrices. */
  readonly #muons: readonly {
    readonly muon: Muon;
    readonly group: FlatGroup;
  }[];
  /** Flat as the parameters. */
  readonly #averages?: Memory;

  /**
   * Reserves moments and averages, all zero.
   *
   * @param backend Where the parameters are.
   * @param parameters Those of a model that is trained.
   * @param config The recipe.
   * @param shard What of the flat memory is updated here; all of it unless given.
   * No matrix of Muon is cut by it.
   */
  constructor(
    backend: Backend,
    parameters: ParameterSet,
    config: TrainingConfig,
    shard: Shard = { start: 0, end: parameters.trainedLength },
  ) {
    this.#backend = backend;
    this.#parameters = parameters;
    this.#config = config;
    this.#shard = shard;
    const { trainedLength, groups } = parameters;
    // A rank may have nothing to update, and no memory is empty.
    this.firstMoments = backend.alloc(Math.max(1, shard.end - shard.start));
    this.#stretches = groups.flatMap((group) => this.#stretchesOf(group));
    let length = 0;
    for (const stretch of this.#stretches) {
      this.#secondStarts.set(stretch, length);
      length += stretch.end - stretch.start;
    }
    this.#secondMoments = backend.alloc(Math.max(1, length));
    this.#muons = groups.flatMap((group) => {
      const matrices = group.members
        .filter((one) => isMuons(one, config) && this.#hasPartOf(one))
        .map((one) => this.#matrixOf(one));
      if (matrices.length === 0) return [];
      return [{ group, muon: new Muon(backend, matrices) }];
    });
    if (config.emaDecay !== undefined) {
      this.#averages = backend.alloc(trainedLength);
    }
  }

  /** Whether moving averages of the weights are kept. */
  get hasAverages(): boolean {
    return this.#averages !== undefined;
  }

  /** How many values a checkpoint has of it. */
  get keptValues(): number {
    return keptValues(this.#parameters, this.#config);
  }

  /**
   * Updates and clears; where the norm is not finite it only clears.
   *
   * @param options The step.
   */
  update(options: UpdateOptions): void {
    this.updateWeights(options);
    this.updateAverages(options);
  }

  /** The weights of the shard alone; their averages follow when all are known. */
  updateWeights({ learningRate, step, squaredNorm }: UpdateOptions): void {
    const { beta1, beta2, epsilon, clipNorm } = this.#config;
    const { muonMomentum, muonRate, cautiousWeightDecay } = this.#config;
    const weightDecay = getWeightDecay(learningRate, this.#config);
    const shared = { clipNorm, cautious: cautiousWeightDecay };
    for (const stretch of this.#stretches) {
      const { group, rate } = stretch;
      this.#backend.run("adamW", {
        ...this.#memoriesOf(stretch),
        squaredNorm,
      }, {
        ...shared,
        learningRate: learningRate * rate,
        beta1,
        beta2,
        epsilon,
        weightDecay: group.decays ? weightDecay : 0,
        step,
      });
    }
    for (const { muon, group } of this.#muons) {
      muon.update({
        ...shared,
        learningRate: learningRate * group.learningRateScale * muonRate,
        momentum: muonMomentum,
        weightDecay: group.decays ? weightDecay : 0,
        squaredNorm,
      });
    }
  }

  /**
   * Gives the weights what their averages have, and these the weights; once more,
   * and all is as before.
   *
   * @throws {TypeError} When there are no averages.
   */
  swapAverages(): void {
    if (this.#averages === undefined) {
      throw new TypeError("Cannot use averaged weights: the recipe has none");
    }
    for (const { data, start } of this.#parameters.groups) {
      const b = this.#backend.slice(this.#averages, start, data.length);
      this.#backend.run("swap", { a: data, b });
    }
  }

  /** What is kept of a parameter; moments of the part in the shard alone. */
  keptOf(parameter: Parameter): Kept {
    const { from, to } = this.partOf(parameter);
    const start = this.#parameters.startOf(parameter), at = start + from;
    const slice = (memory: Memory, at: number) =>
      this.#backend.slice(memory, at, to - from);
    const stretch = this.#stretches
      .find((one) => at >= one.start && at < one.end);
    const averages = this.#averages, { length } = parameter;
    return {
      ...from < to &&
        { first: slice(this.firstMoments, at - this.#shard.start) },
      ...from < to && stretch !== undefined && {
        second: slice(
          this.#secondMoments,
          this.#secondStarts.get(stretch)! + at - stretch.start,
        ),
      },
      ...averages !== undefined && {
        average: this.#backend.slice(averages, start, length),
      },
    };
  }

  /** Which of a parameter's values are in the shard; none where both are one. */
  partOf(parameter: Parameter): { readonly from: number; readonly to: number } {
    const start = this.#parameters.startOf(parameter), { length } = parameter;
    const within = (at: number) => Math.min(length, Math.max(0, at - start));
    return { from: within(this.#shard.start), to: within(this.#shard.end) };
  }

  /** Whether a parameter has second moments, on whatever rank. */
  hasSecond(parameter: Parameter): boolean {
    return !isMuons(parameter, this.#config);
  }

  #hasPartOf(parameter: Parameter): boolean {
    const { from, to } = this.partOf(parameter);
    return from < to;
  }

  /**
   * The averages of all weights, after these. An average of few steps follows
   * closely, the first is the weights.
   */
  updateAverages(
    { step, squaredNorm }: Pick<UpdateOptions, "step" | "squaredNorm">,
  ): void {
    const { emaDecay } = this.#config, averages = this.#averages;
    if (emaDecay === undefined || averages === undefined) return;
    const decay = Math.min(emaDecay, (step - 1) / (step + 9));
    for (const { data: x, start } of this.#parameters.groups) {
      const average = this.#backend.slice(averages, start, x.length);
      const memories = { average, x, squaredNorm };
      this.#backend.run("movingAverage", memories, { decay });
    }
  }

  /** A group without Muon's matrices, cut where the rate changes. */
  #stretchesOf(group: FlatGroup): Stretch[] {
    const { members, data } = group;
    const starts = members.map((one) => this.#parameters.startOf(one));
    const stretches: Stretch[] = [];
    for (const [i, parameter] of members.entries()) {
      if (isMuons(parameter, this.#config)) continue;
      const next = starts[i + 1] ?? group.start + data.length;
      const start = Math.max(starts[i], this.#shard.start);
      const end = Math.min(next, this.#shard.end);
      if (start >= end) continue;
      const rate = group.learningRateScale * this.#rateOf(parameter);
      const last = stretches.at(-1);
      if (last?.rate === rate && last.end === start) {
        stretches[stretches.length - 1] = { ...last, end };
      } else {
        stretches.push({ group, rate, start, end });
      }
    }
    return stretches;
  }

  #memoriesOf(stretch: Stretch) {
    const { group, start, end } = stretch, length = end - start;
    const slice = (memory: Memory, at: number) =>
      this.#backend.slice(memory, at, length);
    const second = this.#secondStarts.get(stretch)!;
    return {
      parameters: slice(group.data, start - group.start),
      gradients: slice(group.grad, start - group.start),
      firstMoments: slice(this.firstMoments, start - this.#shard.start),
      secondMoments: slice(this.#secondMoments, second),
    };
  }

  #matrixOf(parameter: Parameter): MuonMatrix {
    const { data, grad, length } = parameter;
    const [rows, columns] = parameter.shape;
    const start = this.#parameters.startOf(parameter);
    const momentum = this.#backend.slice(
      this.firstMoments,
      start - this.#shard.start,
      length,
    );
    return { shape: [rows, columns], data, grad, momentum };
  }

  #rateOf({ kind }: Parameter): number {
    const { embeddingRate, headRate, vectorRate } = this.#config;
    switch (kind) {
      case "embedding":
        return embeddingRate;
      case "head":
        return headRate;
      case "vector":
        return vectorRate;
      default:
        return 1;
    }
  }
}
