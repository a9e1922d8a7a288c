/**
 * A step whose gradients are made in parts, by one rank or by several.
 *
 * The micro-batches of a step are dealt to the parts, part p has p, p + parts,
 * and so on. Each part is summed up by itself as a step of its own would be, and
 * the parts are added in their order. That order is a matter of the recipe and
 * not of the ranks, which only share the parts: part p is of rank p % ranks. So
 * the sum has the same bits on any number of ranks, from one up to as many as
 * there are parts.
 *
 * What updates the weights is dealt too (ZeRO stage 1, Rajbhandari et al. 2020,
 * arXiv 1910.02054): of the flat memory each rank has a shard, for which it adds
 * up gradients, keeps moments and makes the update; then all get all weights.
 * Shards end where matrices of Muon or blocks of other values end.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { type Communicator, partsOf } from "../distributed/communicator.ts";
import type { FlatGroup, ParameterSet } from "../model/parameters.ts";
import type { TrainingConfig } from "../training_config.ts";
import { isMuons, type Shard } from "./optimizer.ts";

/** Values of a unit, where it may be cut anywhere; a multiple of 64. */
const UNIT = 65_536;

/** What a rank tells the others when a part of a step is done. */
export interface PartReport {
  /** Its share of the loss; 0 where it had no part. */
  readonly loss: number;
  /** Tokens that it has learnt from. */
  readonly tokens: number;
  /** Seconds that it took. */
  readonly seconds: number;
  /** Whether it is to end. */
  readonly isInterrupted: boolean;
}

/** Adds up gradients, and gives all ranks what one has updated. */
export class DataParallel {
  /** What this rank updates. */
  readonly shard: Shard;
  readonly #backend: Backend;
  readonly #groups: readonly FlatGroup[];
  readonly #ranks: Communicator;
  readonly #parts: number;
  /** Where the units of all ranks end in the flat memory. */
  readonly #ends: readonly number[];
  /** How much of it each rank has. */
  readonly #lengths: readonly number[];
  /** The gradients of the shard, added up so far. */
  readonly #sum: Float32Array;
  /** All of this rank's part, on their way. */
  readonly #own: Float32Array;

  /**
   * Deals out the parameters.
   *
   * @param backend Where they are.
   * @param parameters Those of a model that is trained.
   * @param options The recipe, and who shares the work.
   * @throws {RangeError} When there are more ranks than parts, or more parts than
   * micro-batches.
   */
  constructor(
    backend: Backend,
    parameters: ParameterSet,
    { config, ranks }: {
      readonly config: TrainingConfig;
      readonly ranks: Communicator;
    },
  ) {
    this.#backend = backend;
    this.#groups = parameters.groups;
    this.#ranks = ranks;
    this.#parts = config.gradientParts ?? 1;
    assertParts(config, ranks);
    this.#ends = unitsOf(parameters, config);
    this.#lengths = shardsOf(this.#ends, ranks.size);
    const start = sum(this.#lengths.slice(0, ranks.rank));
    this.shard = { start, end: start + this.#lengths[ranks.rank] };
    this.#sum = new Float32Array(this.#lengths[ranks.rank]);
    this.#own = new Float32Array(parameters.trainedLength);
  }

  /** How often all ranks do a part each; the last time some may have none. */
  get rounds(): number {
    return Math.ceil(this.#parts / this.#ranks.size);
  }

  /**
   * Which micro-batches of a step this rank does in a round.
   *
   * @param round From 0 on.
   * @param count How many a step has.
   * @returns Their numbers; none where it has no part.
   */
  microBatchesOf(round: number, count: number): number[] {
    const part = this.#partOf(round, this.#ranks.rank);
    const found: number[] = [];
    if (part === undefined) return found;
    for (let micro = part; micro < count; micro += this.#parts) {
      found.push(micro);
    }
    return found;
  }

  /** Whose a micro-batch is. */
  rankOf(micro: number): number {
    return micro % this.#parts % this.#ranks.size;
  }

  /** A step begins. */
  begin(): void {
    this.#sum.fill(0);
  }

  /**
   * Tells all how a round went.
   *
   * @param report Of this rank.
   * @returns Those of all, in their order.
   */
  async report(report: PartReport): Promise<readonly PartReport[]> {
    const { loss, tokens, seconds, isInterrupted } = report;
    const own = Float64Array.of(loss, tokens, seconds, isInterrupted ? 1 : 0);
    const all = await this.#ranks.allGather(new Uint8Array(own.buffer));
    return all.map((bytes) => {
      const [loss, tokens, seconds, flag] = new Float64Array(
        bytes.slice().buffer,
      );
      return { loss, tokens, seconds, isInterrupted: flag === 1 };
    });
  }

  /**
   * Adds the gradients of a round to the sum, and clears them.
   *
   * @param round From 0 on.
   */
  async add(round: number): Promise<void> {
    const { size, rank } = this.#ranks;
    const hasPart = this.#partOf(round, rank) !== undefined;
    if (hasPart) await this.#read("grad");
    this.clear();
    const parts = hasPart
      ? partsOf(this.#own, this.#lengths)
      : this.#lengths.map(() => new Float32Array());
    const come = await this.#ranks.allToAll(parts);
    const sum = this.#sum;
    for (let from = 0; from < size; from++) {
      if (this.#partOf(round, from) === undefined) break;
      const part = come[from];
      for (let i = 0; i < sum.length; i++) sum[i] += part[i];
    }
  }

  /**
   * Puts the sum where the shard's gradients are.
   *
   * @returns The squared norm of all gradients.
   */
  async finish(): Promise<number> {
    const sum = this.#sum, { start, end } = this.shard;
    for (const [group, from, to] of this.#inGroups(start, end)) {
      const { grad } = group;
      const memory = this.#backend.slice(grad, from - group.start, to - from);
      this.#backend.write(memory, sum.subarray(from - start, to - start));
    }
    const norms: number[] = [];
    let from = start;
    for (const unit of this.#ends) {
      if (unit <= start || unit > end) continue;
      norms.push(sumOfSquares(sum.subarray(from - start, unit - start)));
      from = unit;
    }
    const own = new Uint8Array(Float64Array.from(norms).buffer);
    // A unit after another, whoever has them.
    return (await this.#ranks.allGather(own))
      .flatMap((bytes) => [...new Float64Array(bytes.slice().buffer)])
      .reduce((sum, norm) => sum + norm, 0);
  }

  /** Gives all ranks the weights that each has updated. */
  async shareWeights(): Promise<void> {
    const { size, rank } = this.#ranks;
    if (size === 1) return;
    const { start, end } = this.shard, own = new Float32Array(end - start);
    for (const [group, from, to] of this.#inGroups(start, end)) {
      const memory = this.#dataOf(group, from, to);
      own.set(await this.#backend.read(memory), from - start);
    }
    let at = 0;
    for (const [of, part] of (await this.#ranks.allGather(own)).entries()) {
      const next = at + part.length;
      for (const [group, from, to] of this.#inGroups(at, next)) {
        if (of === rank) continue;
        const values = part.subarray(from - at, to - at);
        this.#backend.write(this.#dataOf(group, from, to), values);
      }
      at = next;
    }
  }

  /** Clears all gradients. */
  clear(): void {
    for (const { grad } of this.#groups) {
      this.#backend.run("fill", { out: grad }, { value: 0 });
    }
  }

  /** Which part a rank does in a round, if any. */
  #partOf(round: number, rank: number): number | undefined {
    const part = round * this.#ranks.size + rank;
    return part < this.#parts ? part : undefined;
  }

  async #read(what: "grad" | "data"): Promise<void> {
    for (const group of this.#groups) {
      this.#own.set(await this.#backend.read(group[what]), group.start);
    }
  }

  #dataOf({ data, start }: FlatGroup, from: number, to: number) {
    return this.#backend.slice(data, from - start, to - from);
  }

  /** A stretch of the flat memory, cut where groups end. */
  *#inGroups(
    start: number,
    end: number,
  ): Generator<[group: FlatGroup, from: number, to: number]> {
    for (const group of this.#groups) {
      const from = Math.max(start, group.start);
      const to = Math.min(end, group.start + group.data.length);
      if (from < to) yield [group, from, to];
    }
  }
}

function assertParts(
  { gradientParts: parts = 1, gradientAccumulation: count }: TrainingConfig,
  { size }: Communicator,
): void {
  if (parts > count) {
    throw new RangeError(
      `Cannot make ${parts} parts of a step: it has ${count} micro-batches`,
    );
  }
  if (size > parts) {
    throw new RangeError(
      `Cannot train with ${size} ranks: a step's gradients have ${parts} parts, one a rank at least`,
    );
  }
}

/**
 * Where the units end that one rank updates as a whole: a matrix of Muon, or a
 * block of what may be cut anywhere.
 */
function unitsOf(parameters: ParameterSet, config: TrainingConfig): number[] {
  const ends: number[] = [];
  for (const { start, data, members } of parameters.groups) {
    const starts = members.map((member) => parameters.startOf(member));
    for (const [i, member] of members.entries()) {
      const end = starts[i + 1] ?? start + data.length;
      if (!isMuons(member, config)) {
        for (let at = starts[i] + UNIT; at < end; at += UNIT) ends.push(at);
      }
      ends.push(end);
    }
  }
  return ends;
}

/** About as much for each rank, in whole units. */
function shardsOf(ends: readonly number[], ranks: number): number[] {
  const all = ends.at(-1) ?? 0, lengths: number[] = [];
  let from = 0, next = 0;
  for (let rank = 1; rank <= ranks; rank++) {
    let to = from;
    const wanted = all * rank / ranks;
    // A unit is of the shard in which its middle is.
    while (next < ends.length && (to + ends[next]) / 2 <= wanted) {
      to = ends[next++];
    }
    lengths.push(to - from);
    from = to;
  }
  lengths[ranks - 1] += all - from;
  return lengths;
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}
