/**
 * Which calls are joined into one: those that a token asks for when a text is
 * written, whose work is too little for a call each. They are held until one comes
 * that does not fit, or until the queue is submitted.
 *
 * Three forms: products that need nothing of each other, with what is done to their
 * values; the norm of a row and what follows it, in one workgroup; and an attention
 * with what stands around it, a workgroup a head or for 32 channels. Each member
 * does what it would do alone, from the same text (`joined.ts`).
 *
 * @module
 */

import type { Grid } from "./commands.ts";
import {
  type Form,
  JOINED_COLUMNS,
  JOINED_WORDS,
  type JoinedModule,
} from "./joined.ts";
import { kernelNamed } from "./kernels.ts";
import type { NumberedBuffer, WebGpuMemory } from "./memory.ts";
import type { Signature } from "./pipelines.ts";
import { folded } from "./shapes.ts";
import { parametersOf } from "./source.ts";
import type { Specialization } from "./specialize.ts";

/** A call as it was asked for. */
export interface Call {
  /** What to run. */
  readonly kernel: string;
  /** In the order of the kernel's bindings. */
  readonly memories: readonly WebGpuMemory[];
  /** In the order of the kernel's `Parameters`. */
  readonly parameters: readonly number[];
  /** How many workgroups. */
  readonly grid: Grid;
  /** Values for the kernel's constants. */
  readonly specialization?: Specialization;
}

/** A call that waits for company. */
export interface Member extends Call {
  /** Which of its memories and parameters are written, and are floats. */
  readonly signature: Signature;
  /** Whether it waits for what members before it wrote. */
  readonly waits: boolean;
  /** Among products, the one whose values it goes on with. */
  readonly follows?: number;
}

/** Products of a row by a matrix. */
const PRODUCTS = ["matvec", "vecmat"];

/** What is done to the values of a row, each by itself. */
const VALUES = [
  "residualForward",
  "sigmoidForward",
  "sigmoidGateForward",
  "squaredReluForward",
  "tanhForward",
  "tokenBlendForward",
  "valueResidualForward",
  "wkv6Rates",
];

/** What follows a norm, or another of these. */
const OF_ROWS = [
  "lastToken",
  "sliceHeadForward",
  "tokenBlendForward",
  "tokenLerpForward2",
  "tokenLerpForward3",
  "tokenShiftForward",
];

/** What a head's workgroup does. */
const OF_HEADS = [
  "valueResidualForward",
  "wkv7InputForward",
  "wkv7Forward",
  "wkv7OutputStats",
  "wkv7OutputForward",
  "wkv6OutputForward",
];

/** What a workgroup of channels does. */
const OF_CHANNELS = ["wkvForward", "sigmoidGateForward"];

/** Kernels that begin a group, and its form. */
const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...PRODUCTS.map((name) => [name, "products"] as const),
  ["layerNormForward", "row"],
  ["sliceHeadForward", "row"],
  ["wkv6Forward", "places"],
  ["wkv7InputForward", "places"],
  ["wkvForward", "places"],
]);

/** Values that one workgroup does in little time. */
const MOST_VALUES = 8192;

/** Threads of a workgroup that does a row, or sixteen columns. */
const THREADS = 256;

/** Buffers that a call may bind, those counted that are bound by fours too. */
const MOST_BUFFERS = 8;

/** Whether a kernel's call may be the first of a group. */
export function beginsGroup(kernel: string): boolean {
  return FORMS.has(kernel);
}

/** Calls of one row that wait to be made as one. */
export class Group {
  /** The calls, in their order. */
  readonly members: Member[] = [];
  #form: Form = "row";
  #threads = THREADS;
  /** Workgroups, where each does a head or some channels. */
  #places = 0;
  /** The first member that no barrier stands before. */
  #since = 0;
  #words = 0;
  #buffers: NumberedBuffer[] = [];

  /** The group with one more call; undefined where that does not fit. */
  with(call: Call, signature: Signature, limit: number): Group | undefined {
    const group = new Group();
    group.members.push(...this.members);
    group.#form = this.#form;
    group.#threads = this.#threads;
    group.#places = this.#places;
    group.#since = this.#since;
    group.#words = this.#words;
    group.#buffers = this.#buffers;
    return group.add(call, signature, limit) ? group : undefined;
  }

  /**
   * Adds a call.
   *
   * @param limit Most bytes of a buffer that can be bound whole.
   * @returns Whether it is a member now; otherwise nothing has changed.
   */
  add(call: Call, signature: Signature, limit: number): boolean {
    const form = this.members.length === 0
      ? FORMS.get(call.kernel)
      : this.#form;
    if (form === undefined) return false;
    const buffers = [
      ...new Set([...this.#buffers, ...call.memories.map((m) => m.buffer)]),
    ];
    const words = this.#words + call.memories.length + call.parameters.length +
      Number(PRODUCTS.includes(call.kernel));
    if (
      words > JOINED_WORDS || buffers.length > MOST_BUFFERS - 1 ||
      buffers.some(({ gpu }) => gpu.size > limit)
    ) return false;
    const joins = form === "products"
      ? this.#joinsProducts(call, signature)
      : form === "row"
      ? this.#joinsRow(call, signature)
      : this.#joinsPlaces(call, signature);
    if (joins === undefined) return false;
    this.#form = form;
    this.#words = words;
    this.#buffers = buffers;
    if (joins.waits) this.#since = this.members.length;
    this.members.push({
      ...call,
      memories: [...call.memories],
      parameters: [...call.parameters],
      signature,
      ...joins,
    });
    return true;
  }

  /** What to compile, and what to bind and pass. */
  plan(): {
    readonly module: JoinedModule;
    readonly buffers: readonly NumberedBuffer[];
    readonly words: Uint32Array;
    readonly grid: Grid;
  } {
    const buffers = this.#buffers;
    const writes = buffers.map((buffer) =>
      this.members.some(({ memories, signature }) =>
        memories.some((memory, i) =>
          signature.writes[i] && memory.buffer === buffer
        )
      )
    );
    const members = this.members.map((
      { kernel, specialization, memories, waits, follows },
    ) => ({
      kernel,
      specialization,
      buffers: memories.map(({ buffer }) => buffers.indexOf(buffer)),
      waits,
      follows,
    }));
    const words = new Uint32Array(JOINED_WORDS);
    const floats = new Float32Array(words.buffer);
    let at = 0, places = 0, products = 0;
    for (const { kernel, memories, parameters, signature } of this.members) {
      for (const { offset } of memories) words[at++] = offset / 4;
      for (const [i, value] of parameters.entries()) {
        (signature.floats[i] ? floats : words)[at++] = value;
      }
      if (!PRODUCTS.includes(kernel)) continue;
      const groups = Math.ceil(parameters[2] / JOINED_COLUMNS);
      words[JOINED_WORDS - 1 - products++] = groups;
      places += groups;
    }
    const grid = folded(
      this.#form === "row" ? 1 : Math.max(places, this.#places),
    );
    const module = {
      form: this.#form,
      threads: this.#threads,
      members,
      writes,
    };
    return { module, buffers, words, grid };
  }

  #joinsProducts(
    call: Call,
    signature: Signature,
  ): Pick<Member, "waits" | "follows"> | undefined {
    const { kernel, parameters } = call;
    const touched = this.members.flatMap((member, i) =>
      clash(member, call, signature) === "none" ? [] : [i]
    );
    if (PRODUCTS.includes(kernel)) {
      const isRow = parameters[0] === 1;
      this.#threads = THREADS;
      return isRow && touched.length === 0 ? { waits: false } : undefined;
    }
    if (!VALUES.includes(kernel) || touched.length === 0) return undefined;
    const follows = touched.map((i) => this.members[i].follows ?? i);
    const product = this.members[follows[0]];
    // With a token before it in the row, a place would not be all that it reads.
    const time = parameterOf(call, "time");
    const fits = !(time > 1) && follows.every((i) => i === follows[0]) &&
      touched.every((i) =>
        clash(this.members[i], call, signature) === "same"
      ) &&
      parameterOf(call, "count") === product.parameters[2] &&
      // A workgroup has not yet all of the row that the others multiply.
      call.memories.every((memory, i) =>
        !signature.writes[i] ||
        this.members.every(({ kernel, memories }) =>
          !PRODUCTS.includes(kernel) || !overlaps(memories[1], memory)
        )
      );
    return fits ? { waits: false, follows: follows[0] } : undefined;
  }

  #joinsRow(
    call: Call,
    signature: Signature,
  ): Pick<Member, "waits"> | undefined {
    if (this.members.length === 0) {
      const [count, width] = call.parameters;
      const isOne = call.kernel === "layerNormForward"
        ? count === 1 && width <= MOST_VALUES
        : count <= THREADS;
      if (!isOne) return undefined;
      this.#threads = THREADS;
      return { waits: false };
    }
    if (
      !OF_ROWS.includes(call.kernel) || parameterOf(call, "count") > MOST_VALUES
    ) {
      return undefined;
    }
    return { waits: this.#mustWait(call, signature) };
  }

  #joinsPlaces(
    call: Call,
    signature: Signature,
  ): Pick<Member, "waits"> | undefined {
    const { kernel, grid, specialization } = call;
    const { pattern } = kernelNamed(kernel);
    if (this.members.length === 0) {
      const channels = pattern === "time";
      const threads = channels
        ? 32
        : Number(specialization?.constants.N ?? parameterOf(call, "headSize"));
      // Beyond one token, a kernel's places are not those of the next.
      if (channels && specialization?.constants.CHUNKS !== 1) return undefined;
      if (parameterOf(call, "time") > 1) return undefined;
      if (!(threads >= 16 && Number.isInteger(Math.log2(threads)))) {
        return undefined;
      }
      this.#threads = threads;
      this.#places = grid[0] * grid[1];
      return { waits: false };
    }
    const known = this.members[0].kernel === "wkvForward"
      ? OF_CHANNELS
      : OF_HEADS;
    if (!known.includes(kernel)) return undefined;
    const places = pattern === "values"
      ? Math.ceil(parameterOf(call, "count") / this.#threads)
      : grid[0] * grid[1];
    if (places !== this.#places) return undefined;
    if (pattern === "sequenceHeads" && parameterOf(call, "time") !== 1) {
      return undefined;
    }
    const isLocal = this.members.every((member) =>
      clash(member, call, signature) !== "crossed"
    );
    return isLocal ? { waits: this.#mustWait(call, signature) } : undefined;
  }

  /** Whether it touches what was written, or writes what was read, since a barrier. */
  #mustWait(call: Call, signature: Signature): boolean {
    return this.members.slice(this.#since).some((member) =>
      clash(member, call, signature) !== "none"
    );
  }
}

/** One of a call's parameters; not a number where it has none of that name. */
function parameterOf({ kernel, parameters }: Call, name: string): number {
  return parameters[parametersOf(kernelNamed(kernel)).indexOf(name)] ?? NaN;
}

/**
 * What two calls have in common of which one writes it: nothing, the same memories
 * (so that places meet the same places), or others that overlap.
 */
function clash(
  before: Member,
  call: Call,
  { writes }: Signature,
): "none" | "same" | "crossed" {
  let found: "none" | "same" = "none";
  for (const [i, first] of before.memories.entries()) {
    for (const [k, second] of call.memories.entries()) {
      if (!before.signature.writes[i] && !writes[k]) continue;
      if (!overlaps(first, second)) continue;
      if (first !== second) return "crossed";
      found = "same";
    }
  }
  return found;
}

/** Whether two memories share values. */
export function overlaps(first: WebGpuMemory, second: WebGpuMemory): boolean {
  return first.buffer === second.buffer &&
    first.offset < second.offset + 4 * second.length &&
    second.offset < first.offset + 4 * first.length;
}
