/**
 * The ops of the table as calls of their kernels.
 *
 * What a call needs follows from the op's row and its kernels (`programs.ts`): what is
 * checked, how it is cut where the device cannot bind a memory whole, what is bound,
 * the numbers, the grid. Sums over rows or chunks are made in two passes whose order
 * follows from the shape, never by atomics, so that two runs on one device give the
 * same bits.
 *
 * Calls of one op have one shape after the other; what follows from a shape alone is
 * made anew only when it is not the last one.
 *
 * @module
 */

import type { Memory } from "../backend.ts";
import { MOST_LISTED, type OpName } from "../ops.ts";
import {
  type AnyMemories,
  type AnySettings,
  EXTENT,
  extentsOf,
  PLANS,
  valuesOf,
} from "../plan.ts";
import type { Commands, Grid } from "./commands.ts";
import { kernelNamed } from "./kernels.ts";
import type { Arena, Scratch, WebGpuIndices, WebGpuMemory } from "./memory.ts";
import {
  EXTENTS,
  NUMBER,
  type Program,
  programOf,
  type Step,
} from "./programs.ts";
import {
  CHANNELS,
  chunkedBy,
  chunkOf,
  COLUMNS,
  folded,
  loopsOver,
  piecesOf,
  SLICE_STEP,
  threadsFor,
  VALUES,
} from "./shapes.ts";
import { parametersOf, type Pattern } from "./source.ts";
import type { Specialization } from "./specialize.ts";

/** Values in a partial sum; as in kernels/wgsl/sums.wgsl. */
const CHUNK = 4096;

/** Outputs of a workgroup; as the pattern in source.ts has it. */
const OUTPUTS = 4;

/** Token lerps of a call: with x and a state they bind eight memories. */
const LERPED_AT_ONCE = 3;

/** Largest head: a workgroup has a thread a channel, and little memory. */
const MOST_CHANNELS = 128;

/** Memories that a call can do without, of the op that has most. */
const MOST_MISSING = Math.max(
  ...Object.values(PLANS).map(({ fields }) =>
    fields.filter(({ optional }) => optional).length
  ),
);

/** What the calls need of the backend. */
export interface Surroundings {
  /** Where calls go. */
  readonly commands: Commands;
  /** Whose memories are taken. */
  readonly arena: Arena;
  /** Memory for use within one call. */
  readonly scratch: Scratch;
  /** Most values of a binding. */
  readonly limit: number;
  /** Whether the longest loops are written out: drivers of GPUs like that. */
  readonly unrolled: boolean;
  /** Where each id occurs next, on the device. */
  readonly linksOf: (ids: WebGpuIndices) => WebGpuMemory;
}

/** No settings: what an op without numbers is given. */
const NONE: AnySettings = {};

/** Calls the kernels of ops. */
export class OpCalls {
  readonly #given: Surroundings;
  readonly #programs = new Map<OpName, Program>();
  /** Stand for memories that a call does without; no kernel touches them. */
  readonly #nothing: readonly WebGpuMemory[];

  /** Remembers where to send the calls. */
  constructor(surroundings: Surroundings) {
    this.#given = surroundings;
    this.#nothing = Array.from(
      { length: MOST_MISSING },
      () => surroundings.arena.reserve(1),
    );
  }

  /** See `Backend.run`. */
  run(op: OpName, memories: AnyMemories, settings: AnySettings = NONE): void {
    if (op === "sum" || op === "sumOfSquares") {
      this.#sum(op, memories, op === "sum" ? settings.scale! : 1);
      return;
    }
    let program = this.#programs.get(op);
    if (program === undefined) {
      program = programOf(op);
      this.#programs.set(op, program);
    }
    if (program.list === undefined) {
      this.#call(program, memories, settings, 0);
      return;
    }
    const { length } = listOf(memories, program.list);
    for (const { name, holds } of program.plan.fields) {
      if (holds !== "list") continue;
      const { length: listed } = listOf(memories, name);
      if (listed !== length || length > MOST_LISTED) {
        throw new RangeError(
          `Cannot compute ${op}: ${length} ${program.list} and ${listed} ` +
            `${name}, of at most ${MOST_LISTED}`,
        );
      }
    }
    let n = op === "tokenLerpForward"
      ? this.#lerp(program, memories, settings)
      : op === "tokenLerpBackward"
      ? this.#lerpBackward(program, memories, settings)
      : 0;
    for (; n < length; n++) this.#call(program, memories, settings, n);
  }

  /**
   * Makes token lerps two or three at a time, where x can be bound whole.
   *
   * @returns How many of the list it made.
   */
  #lerp(
    { plan, numbers }: Program,
    memories: AnyMemories,
    settings: AnySettings,
  ): number {
    const { arena, commands, limit } = this.#given;
    extentsOf(plan, memories, settings, numbers);
    const width = numbers[EXTENT.width], time = numbers[EXTENT.time];
    const batch = numbers[EXTENT.batch], count = batch * time * width;
    if (count === 0 || count > limit) return 0;
    const own = (memory: unknown, length: number, name: string) =>
      arena.own(memory, length, plan.name, name).part(0, length);
    const x = own(memories.x, count, "x");
    const state = memories.state === undefined
      ? this.#nothing[0]
      : own(memories.state, batch * width, "state");
    const ys = listOf(memories, "ys"), mixes = listOf(memories, "mixes");
    let start = 0;
    while (ys.length - start > 1) {
      const end = Math.min(start + LERPED_AT_ONCE, ys.length);
      commands.dispatch(
        `tokenLerpForward${end - start}`,
        [
          ...ys.slice(start, end).map((y) => own(y, count, "ys")),
          x,
          ...mixes.slice(start, end).map((mix) => own(mix, width, "mixes")),
          state,
        ],
        [count, Number(memories.state !== undefined), width, time],
        folded(Math.ceil(count / VALUES)),
      );
      start = end;
    }
    return start;
  }

  /**
   * Makes the gradients of token lerps three at a time, where all can be bound whole
   * and the mixes lie side by side.
   *
   * @returns How many of the list it made.
   */
  #lerpBackward(
    { plan, numbers }: Program,
    memories: AnyMemories,
    settings: AnySettings,
  ): number {
    const { arena, commands, limit, scratch } = this.#given;
    extentsOf(plan, memories, settings, numbers);
    const width = numbers[EXTENT.width], time = numbers[EXTENT.time];
    const batch = numbers[EXTENT.batch], rows = batch * time;
    const count = rows * width;
    if (count === 0 || count > limit) return 0;
    const own = (memory: unknown, length: number, name: string) =>
      arena.own(memory, length, plan.name, name).part(0, length);
    const dx = own(memories.dx, count, "dx"), x = own(memories.x, count, "x");
    const state = memories.state === undefined
      ? this.#nothing[0]
      : own(memories.state, batch * width, "state");
    const dys = listOf(memories, "dys"), dMixes = listOf(memories, "dMixes");
    const mixes = listOf(memories, "mixes").map((mix) =>
      own(mix, width, "mixes")
    );
    const chunk = chunkOf(rows), chunks = Math.ceil(rows / chunk);
    const hasState = Number(memories.state !== undefined);
    const given: Record<string, number> = {
      count: rows,
      width,
      chunk,
      time,
      hasState,
    };
    const kernel = kernelNamed("tokenLerpBackward3");
    const parameters = parametersOf(kernel).map((name) => given[name]);
    let start = 0;
    for (; start + 3 <= dys.length; start += 3) {
      const [first, second, third] = mixes.slice(start, start + 3);
      if (!follows(second, first, width) || !follows(third, first, 2 * width)) {
        break;
      }
      const outs = dMixes.slice(start, start + 3)
        .map((out) => own(out, width, "dMixes"));
      const ups = dys.slice(start, start + 3)
        .map((dy) => own(dy, count, "dys"));
      const sums = chunks * 3 * width;
      const partials = scratch.of(sums).part(0, sums);
      const mix = arena.name(first.buffer, first.offset, 3 * width);
      const grid: Grid = [Math.ceil(width / COLUMNS), chunks, 1];
      const bound = [dx, partials, ...ups, x, mix, state];
      commands.dispatch(kernel.name, bound, parameters, grid);
      this.#addUp(outs, partials, width, chunks);
    }
    return start;
  }

  /** Workgroups add up chunks, one workgroup their sums. */
  #sum(op: OpName, memories: AnyMemories, scale: number): void {
    const { arena, commands, limit, scratch } = this.#given;
    const to = arena.own(memories.out, 1, op, "out");
    const from = arena.own(memories.x, 0, op, "x");
    const chunks = Math.ceil(from.length / CHUNK);
    const partials = scratch.of(chunks).part(0, chunks);
    const step = Math.max(CHUNK, Math.floor(limit / CHUNK) * CHUNK);
    for (let start = 0; start < from.length; start += step) {
      const length = Math.min(step, from.length - start);
      const count = Math.ceil(length / CHUNK);
      commands.dispatch(
        "sum",
        [partials, from.part(start, length)],
        [count, length, Number(op === "sumOfSquares"), start / CHUNK],
        folded(count),
      );
    }
    const total = [to.part(0, 1), partials];
    commands.dispatch("sumPartials", total, [1, chunks, scale], folded(1));
  }

  /** @param n Which of the memories of a list. */
  #call(
    program: Program,
    memories: AnyMemories,
    settings: AnySettings,
    n: number,
  ): void {
    extentsOf(program.plan, memories, settings, program.numbers);
    if (!isFitted(program)) this.#fit(program);
    this.#take(program, memories, settings, n);
    for (let i = 0; i < program.pieces.length; i++) {
      this.#makePiece(program, program.pieces[i][0], program.pieces[i][1]);
    }
  }

  /** Makes what follows from the extents: lengths, and pieces that can be bound. */
  #fit(program: Program): void {
    const { plan, numbers, shape, cut, bindings, lengths, scratch } = program;
    const { limit } = this.#given;
    const total = numbers[cut], headSize = numbers[EXTENT.headSize];
    if (headSize > MOST_CHANNELS) {
      throw new RangeError(
        `Cannot compute ${plan.name}: heads of ${headSize} channels; the ` +
          `webgpu backend takes at most ${MOST_CHANNELS}`,
      );
    }
    shape.fill(0); // until all is made
    const widths: number[] = [];
    let widest = 0;
    for (const [i, { size }] of plan.fields.entries()) {
      lengths[i] = valuesOf(size, numbers);
      if (bindings[i] === "part") widths.push(lengths[i] / total);
      if (bindings[i] === "part" || bindings[i] === "start") {
        widest = Math.max(widest, lengths[i]);
      }
    }
    for (const size of scratch) {
      widest = Math.max(widest, valuesOf(size, numbers));
    }
    program.pieces = total === 0
      ? []
      : piecesOf(limit, total, widest / total, widths);
    program.ready = 0;
    shape.set(numbers.subarray(0, EXTENTS));
  }

  /** Checks the memories and numbers of a call, and keeps them. */
  #take(
    program: Program,
    memories: AnyMemories,
    settings: AnySettings,
    n: number,
  ): void {
    const { plan, numbers, whole, lengths, links } = program;
    const { arena } = this.#given;
    const { name: op, fields, scalarsOf } = plan;
    const scalars = scalarsOf?.(settings as never) ?? [];
    for (let i = 0; i < scalars.length; i++) {
      numbers[NUMBER.own + i] = scalars[i];
    }
    const flags = NUMBER.own + scalars.length;
    for (let i = 0; i < fields.length; i++) {
      const { name, optional, holds, below } = fields[i];
      const given = holds === "list"
        ? listOf(memories, name)[n]
        : memories[name];
      const isThere = given !== undefined || !optional;
      numbers[flags + i] = Number(isThere);
      const needed = lengths[i];
      if (!isThere) {
        whole[i] = undefined;
      } else if (holds === "ids") {
        const first = settings.firstTarget ?? 0;
        const ids = arena.ownIds(given, first + needed, op, name);
        ids.check(first, needed, numbers[below!]);
        whole[i] = ids.memory;
        if (links !== undefined) {
          program.bound[links] = this.#given.linksOf(ids);
        }
      } else if (holds === "words") {
        whole[i] = arena.ownIds(given, needed, op, name).memory;
      } else {
        whole[i] = arena.own(given, needed, op, name);
      }
    }
  }

  /** Makes some of the rows, sequences or values of a call. */
  #makePiece(program: Program, start: number, count: number): void {
    const { numbers, shape, cut, whole, lengths, bindings, bound } = program;
    numbers[NUMBER.start] = start;
    numbers[cut] = count;
    if (cut === EXTENT.batch) {
      numbers[EXTENT.rows] = count * numbers[EXTENT.time];
    }
    if (program.ready !== count) this.#makeReady(program, count);
    let missing = 0;
    for (let i = 0; i < whole.length; i++) {
      const memory = whole[i], binding = bindings[i];
      if (memory === undefined) {
        // Browsers refuse one memory that is bound twice for writing.
        bound[i] = this.#nothing[missing++];
      } else if (binding === "all") {
        bound[i] = memory;
      } else if (binding === "needed" || count === shape[cut]) {
        bound[i] = memory.part(0, lengths[i]);
      } else {
        const unit = lengths[i] / shape[cut];
        const first = binding === "start" ? 0 : start * unit;
        bound[i] = memory.part(first, count * unit);
      }
    }
    if (program.reserves.length > 0) this.#reserve(program);
    for (let i = 0; i < program.steps.length; i++) {
      this.#makeStep(program, program.steps[i]);
    }
  }

  /** Makes what follows from how many rows, sequences or values a piece has. */
  #makeReady(program: Program, count: number): void {
    const { numbers, scratch, sums, reserves } = program;
    const rows = numbers[EXTENT.rows], width = numbers[EXTENT.width];
    numbers[NUMBER.chunk] = chunkOf(rows);
    let partials = 0;
    for (const step of program.steps) {
      const { kernel: { pattern }, totals } = step;
      step.count = numbers[NUMBER.count] = valuesOf(step.size, numbers);
      step.grid = gridOf(pattern, numbers);
      step.specialization = this.#specializationOf(pattern, numbers);
      const chunks = pattern === "time" || pattern === "sequenceHeads"
        ? numbers[EXTENT.batch]
        : chunksOf(numbers);
      partials = Math.max(partials, chunks);
      for (const [i, { parameters }] of totals.entries()) {
        const given = [width, chunks, totals.length * width, i * width];
        parameters.splice(0, 4, ...given);
      }
    }
    const lengths = scratch.map((size) => valuesOf(size, numbers));
    if (sums > 0) lengths.push(partials * sums * width);
    reserves.splice(0, reserves.length, ...lengths);
    program.reserved = undefined;
    program.ready = count;
  }

  /** Binds what is used within the op: scratch, then partial sums. */
  #reserve(program: Program): void {
    const { reserves, whole, bound } = program;
    let end = 0;
    for (let i = 0; i < reserves.length; i++) end += aligned(reserves[i]);
    const memory = this.#given.scratch.of(end);
    if (memory === program.reserved) return;
    program.reserved = memory;
    let start = 0;
    for (let i = 0; i < reserves.length; i++) {
      bound[whole.length + i] = memory.part(start, reserves[i]);
      start += aligned(reserves[i]);
    }
  }

  #makeStep(program: Program, step: Step): void {
    const { numbers, whole, bound } = program;
    const { slots, optional, places, totals, memories, parameters } = step;
    if (optional?.every((slot) => whole[slot] === undefined)) return;
    numbers[NUMBER.count] = step.count;
    for (let i = 0; i < slots.length; i++) memories[i] = bound[slots[i]];
    for (let i = 0; i < places.length; i++) parameters[i] = numbers[places[i]];
    const { commands } = this.#given;
    commands.dispatch(
      step.kernel.name,
      memories,
      parameters,
      step.grid,
      step.specialization,
    );
    this.#makeTotals(program, totals);
  }

  #makeTotals(
    { whole, bound, scratch }: Program,
    totals: Step["totals"],
  ): void {
    if (totals.length === 0) return;
    const outs = totals.map(({ slot }) =>
      whole[slot] === undefined ? undefined : bound[slot]
    );
    const [width, chunks] = totals[0].parameters;
    this.#addUp(outs, bound[whole.length + scratch.length], width, chunks);
  }

  /**
   * Adds up partial sums: at once those that go to memories side by side.
   *
   * @param outs Where the sums go, each of `width` values; some may be left out.
   * @param partials Of each chunk those of all outs.
   */
  #addUp(
    outs: readonly (WebGpuMemory | undefined)[],
    partials: WebGpuMemory,
    width: number,
    chunks: number,
  ): void {
    for (let i = 0, end = 1; i < outs.length; i = end++) {
      const out = outs[i];
      if (out === undefined) continue;
      while (end < outs.length && follows(outs[end], out, (end - i) * width)) {
        end++;
      }
      const columns = (end - i) * width;
      const to = end > i + 1
        ? out.arena.name(out.buffer, out.offset, columns)
        : out;
      this.#given.commands.dispatch(
        "columnSum",
        [to, partials],
        [columns, chunks, outs.length * width, i * width],
        folded(Math.ceil(columns / VALUES)),
      );
    }
  }

  /** What a shape says of a kernel's constants. */
  #specializationOf(
    pattern: Pattern,
    numbers: Float64Array,
  ): Specialization | undefined {
    switch (pattern) {
      case "headColumns":
        return threadsFor(numbers[EXTENT.headSize]);
      case "sequenceHeads":
        return loopsOver(numbers[EXTENT.headSize], this.#given.unrolled);
      case "time":
        return chunkedBy(numbers[NUMBER.count], numbers[EXTENT.time]);
      default:
        return undefined;
    }
  }
}

/** Whether a memory lies so many values after the start of another. */
function follows(
  memory: WebGpuMemory | undefined,
  first: WebGpuMemory,
  length: number,
): boolean {
  return memory?.buffer === first.buffer &&
    memory.offset === first.offset + 4 * length;
}

function listOf(memories: AnyMemories, name: string): readonly Memory[] {
  return memories[name] as readonly Memory[];
}

/** Whether the last call had the same extents. */
function isFitted({ numbers, shape }: Program): boolean {
  for (let i = 0; i < EXTENTS; i++) {
    if (shape[i] !== numbers[i]) return false;
  }
  return true;
}

/** The first place at or after `length` where a slice may start. */
function aligned(length: number): number {
  return Math.ceil(length / SLICE_STEP) * SLICE_STEP;
}

/** The grid of a kernel. */
function gridOf(pattern: Pattern, numbers: Float64Array): Grid {
  const count = numbers[NUMBER.count];
  switch (pattern) {
    case "values":
      return folded(Math.ceil(count / VALUES));
    case "time":
      return folded(Math.ceil(count / CHANNELS));
    case "outputs":
      return folded(Math.ceil(count / OUTPUTS));
    case "columns":
      return [Math.ceil(numbers[EXTENT.width] / COLUMNS), chunksOf(numbers), 1];
    case "headColumns":
      return [numbers[EXTENT.heads], chunksOf(numbers), 1];
    default:
      return folded(count);
  }
}

/** Chunks of rows. */
function chunksOf(numbers: Float64Array): number {
  return Math.ceil(numbers[EXTENT.rows] / numbers[NUMBER.chunk]);
}
