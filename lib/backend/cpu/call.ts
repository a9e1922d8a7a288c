/**
 * The call of an op, checked and written as the words of a job.
 *
 * Kernels read and write wherever they are told to, so whatever a call names is
 * checked here: whose memory it is, that it is long enough, and that token ids
 * are below the rows of their table.
 *
 * @module
 */

import type { Memory } from "../backend.ts";
import { MOST_LISTED, type OpName, type Slices } from "../ops.ts";
import {
  type AnyMemories,
  type AnySettings,
  EXTENT,
  extentsOf,
  type FieldPlan,
  newExtents,
  type OpPlan,
  PLANS,
  valuesOf,
} from "../plan.ts";
import { JOB_WORDS, KERNEL, type Kernel } from "./jobs.ts";
import type { SharedMemory } from "./memory.ts";

/** An op as this backend runs it. */
export interface CpuOp {
  /** Its row of the table. */
  readonly plan: OpPlan;
  /** The number of its kernel; none where the backend does something else. */
  readonly kernel: number | undefined;
  /** Which axis threads share. */
  readonly axis: Axis;
}

/** An axis along which nothing is summed. */
export interface Axis {
  /** Items are the product of these extents. */
  readonly extents: readonly number[];
  /** Items that stay together. */
  readonly grain: number;
}

const { length, rows, batch, width, heads, outputs } = EXTENT;

/** Every axis. */
export const AXES: Readonly<Record<Slices, Axis>> = {
  // Fewer are not worth sharing.
  values: { extents: [length], grain: 4096 },
  rows: { extents: [rows], grain: 1 },
  // A line of cache.
  columns: { extents: [width], grain: 16 },
  outputs: { extents: [outputs], grain: 16 },
  heads: { extents: [heads], grain: 1 },
  sequenceHeads: { extents: [batch, heads], grain: 1 },
};

/** Every op, by name. */
export const CPU_OPS: Readonly<Record<OpName, CpuOp>> = Object.fromEntries(
  Object.values(PLANS).map((plan) => {
    const kernel = KERNEL[plan.name as Kernel];
    return [plan.name, { plan, kernel, axis: AXES[plan.slices] }];
  }),
) as Record<OpName, CpuOp>;

/** One call; there is one of these for all that follow each other. */
export class Call {
  /** What the job's kernel reads; see `jobs.ts`. */
  readonly words: Uint32Array = new Uint32Array(JOB_WORDS);
  /** The same words as f32. */
  readonly floats: Float32Array = new Float32Array(this.words.buffer);
  /** By `EXTENT`. */
  readonly extents: Float64Array = newExtents();
  readonly #shared: SharedMemory;

  /** @param shared Where the memories of calls must be. */
  constructor(shared: SharedMemory) {
    this.#shared = shared;
  }

  /** How many items an axis has. */
  itemsOf({ extents }: Axis): number {
    let items = 1;
    for (let i = 0; i < extents.length; i++) items *= this.extents[extents[i]];
    return items;
  }

  /**
   * Takes a call.
   *
   * @throws {RangeError} When a memory is too short, an extent or another number
   * is wrong, or an id is beyond its table.
   * @throws {TypeError} When a memory is of another backend.
   */
  take(plan: OpPlan, memories: AnyMemories, settings: AnySettings): void {
    const { words, floats } = this;
    const { fields, extents, scalars } = plan;
    extentsOf(plan, memories, settings, this.extents);
    let at = 0, count: number | undefined;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i], given = memories[field.name];
      const needed = valuesOf(field.size, this.extents);
      if (field.holds === "list") {
        const list = given as readonly Memory[];
        count ??= list.length;
        this.#takeList(plan, field, list, count, at);
        at += MOST_LISTED;
      } else if (field.holds === "ids") {
        words[at++] = this.#idsAt(plan, field, given, settings.firstTarget);
      } else if (field.holds === "words") {
        words[at++] = this.#shared.idsAt(given, needed, plan.name, field.name);
      } else if (given === undefined && field.optional) {
        words[at++] = 0;
      } else {
        words[at++] = this.#shared
          .addressOf(given, needed, plan.name, field.name);
      }
    }
    for (let i = 0; i < extents.length; i++) {
      words[at++] = this.extents[EXTENT[extents[i]]];
    }
    if (plan.scalarsOf === undefined) return;
    const values = plan.scalarsOf(settings as never);
    for (let i = 0; i < scalars.length; i++) {
      if (scalars[i].type === "f32") floats[at++] = values[i];
      else words[at++] = values[i];
    }
  }

  /** Writes the addresses of as many memories as wanted, then 0 for none. */
  #takeList(
    { name }: OpPlan,
    field: FieldPlan,
    given: readonly Memory[],
    wanted: number,
    at: number,
  ): void {
    if (wanted < 1 || wanted > MOST_LISTED || given.length !== wanted) {
      throw new RangeError(
        `Cannot compute ${name}: ${field.name} are ${given.length} memories, ` +
          `not as many as the other lists, or not 1 to ${MOST_LISTED}`,
      );
    }
    const needed = valuesOf(field.size, this.extents);
    for (let i = 0; i < MOST_LISTED; i++) {
      this.words[at + i] = i < wanted
        ? this.#shared.addressOf(given[i], needed, name, field.name)
        : 0;
    }
  }

  /** The address of ids that are all below the extent that the table says. */
  #idsAt(
    { name }: OpPlan,
    field: FieldPlan,
    given: unknown,
    first = 0,
  ): number {
    const count = valuesOf(field.size, this.extents);
    const limit = this.extents[field.below!];
    const address = this.#shared.idsAt(given, first + count, name, field.name);
    const ids = this.#shared.u32, start = address / 4 + first;
    for (let i = start; i < start + count; i++) {
      if (ids[i] >= limit) {
        throw new RangeError(
          `Cannot compute ${name}: token id ${ids[i]} is not below ${limit}`,
        );
      }
    }
    return address;
  }
}
