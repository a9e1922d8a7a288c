/**
 * The tape: records one forward pass so that it can be replayed backwards, and
 * owns the memory of everything in between.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import { type Operand, sizeOf, type Tensor } from "./tensor.ts";

/** One op as recorded: what it made, and how their gradients flow back. */
interface Node {
  readonly outputs: readonly Activation[];
  readonly saved: readonly Memory[];
  readonly pullback: () => void;
}

/** Where a gradient is to be left, and how. */
export interface GradientClaim {
  /** dLoss/dData. */
  readonly grad: Memory;
  /** True to add to what is there; false to write every value of it. */
  readonly accumulate: boolean;
}

/** An intermediate value; its gradient takes memory only once it is asked for. */
class Activation implements Tensor {
  #grad?: Memory;
  #borrowed = false;

  constructor(
    readonly shape: readonly number[],
    readonly data: Memory,
    readonly tape: Tape,
  ) {}

  get grad(): Memory {
    const { grad, accumulate } = this.claimGrad();
    if (!accumulate) this.tape.backend.run("fill", { out: grad }, { value: 0 });
    return grad;
  }

  /** See {@linkcode Tape.claimGrad}. */
  claimGrad(): GradientClaim {
    if (this.#grad !== undefined) return { grad: this.#grad, accumulate: true };
    this.#grad = this.tape.take(this.data.length);
    return { grad: this.#grad, accumulate: false };
  }

  /** Takes another's gradient for its own. */
  borrowGrad(grad: Memory): void {
    this.#grad = grad;
    this.#borrowed = true;
  }

  /** Every memory it is the one to give back. */
  get memories(): Memory[] {
    const own = this.#grad !== undefined && !this.#borrowed;
    return own ? [this.data, this.#grad!] : [this.data];
  }
}

/**
 * Records ops and replays their pullbacks in reverse.
 *
 * Activations live until their own pullback has run, so a backward pass works
 * its way down in the memory the forward pass leaves behind. What is given back
 * is kept for the next step: after the first step of a shape nothing is
 * allocated ({@linkcode Tape.allocations} stands still).
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { squaredRelu } from "../ops/squared_relu.ts";
 * import { Tape } from "./tape.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new ReferenceBackend();
 * const tape = new Tape(backend);
 * const x = { shape: [1, 2], data: backend.alloc(2), grad: backend.alloc(2) };
 * backend.write(x.data, new Float32Array([-1, 3]));
 * const y = squaredRelu(tape, x);
 * backend.run("fill", { out: y.grad }, { value: 1 });
 * tape.backward();
 * assertEquals(await backend.read(x.grad), new Float32Array([0, 6]));
 * ```
 */
export class Tape {
  /** Where the ops run. */
  readonly backend: Backend;
  /** False for inference: ops run, nothing is recorded. Changed between passes. */
  recording: boolean;
  /** Told of every linear map: its input, and its weights (out, in). */
  onLinear?: (x: Operand, w: Operand) => void;
  /** How many times device memory had to be reserved. */
  allocations = 0;

  readonly #nodes: Node[] = [];
  /** What waits for the end of `together`; undefined outside of it. */
  #later?: (() => void)[];
  readonly #live = new Set<Memory>();
  readonly #free = new Map<number, Memory[]>();
  /** The place of each memory in the order in which they were reserved. */
  readonly #order = new Map<Memory, number>();

  /**
   * Makes an empty tape.
   *
   * @param backend Where the ops run.
   * @param options `recording: false` for inference.
   */
  constructor(
    backend: Backend,
    { recording = true }: { recording?: boolean } = {},
  ) {
    this.backend = backend;
    this.recording = recording;
  }

  /** A new activation; its values are whatever the memory held before. */
  tensor(...shape: number[]): Tensor {
    return new Activation(shape, this.take(sizeOf(shape)), this);
  }

  /**
   * The gradient of an operand for a pullback that can also write rather than
   * add, which spares the first one the zeros to add to.
   *
   * @param x Whose gradient. What is claimed must be left there.
   */
  claimGrad(x: Tensor): GradientClaim {
    return x instanceof Activation
      ? x.claimGrad()
      : { grad: x.grad, accumulate: true };
  }

  /** Memory for an op's own use; given back by `record`, `give` or `reset`. */
  take(length: number): Memory {
    let memory = this.#free.get(length)?.pop();
    if (memory === undefined) {
      memory = this.backend.alloc(length);
      this.#order.set(memory, this.allocations++);
    }
    this.#live.add(memory);
    return memory;
  }

  /** Gives back what `take` returned. */
  give(memory: Memory): void {
    if (!this.#live.delete(memory)) return;
    const free = this.#free.get(memory.length);
    if (free === undefined) this.#free.set(memory.length, [memory]);
    else free.push(memory);
  }

  /**
   * Runs ops of which none uses what another one makes, as `Backend.together`
   * does, and then what they left for later.
   *
   * @returns What `calls` returns.
   */
  together<T>(calls: () => T): T {
    if (this.#later !== undefined) return calls();
    let later: (() => void)[] = this.#later = [];
    try {
      const made = this.backend.together(calls);
      while (later.length > 0) {
        const now = later;
        later = this.#later = [];
        this.backend.together(() => now.forEach((call) => call()));
      }
      return made;
    } finally {
      this.#later = undefined;
    }
  }

  /**
   * Runs a part of an op that uses what has just been enqueued: at once, or
   * where that waits for the end of `together`, then.
   */
  later(call: () => void): void {
    if (this.#later === undefined) call();
    else this.#later.push(call);
  }

  /**
   * Remembers how to undo the op that has just run.
   *
   * @param output What the op made, one or several; their memory is given back
   * after `pullback`.
   * @param pullback Adds to the gradients of the op's inputs.
   * @param saved Memories the pullback reads, given back after it.
   */
  record(
    output: Tensor | readonly Tensor[],
    pullback: () => void,
    saved: readonly Memory[] = [],
  ): void {
    if (!this.recording) {
      for (const memory of saved) this.give(memory);
      return;
    }
    const outputs = [output].flat() as Activation[];
    this.#nodes.push({ outputs, saved, pullback });
  }

  /**
   * Runs a part of a pass and keeps nothing of it but what it returns; on the
   * way back it is run once more (activation recomputation, Chen et al. 2016,
   * arXiv 1604.06174). The gradients have the same bits as without.
   *
   * @param part Does the same each time; what it uses from outside lives on.
   */
  recompute(part: () => Tensor): Tensor {
    const { recording } = this;
    const outside = new Set(this.#live);
    this.recording = false;
    const output = part();
    this.recording = recording;
    for (const memory of this.#live) {
      if (memory !== output.data && !outside.has(memory)) this.give(memory);
    }
    this.record(output, () => {
      const start = this.#nodes.length;
      const again = part() as Activation;
      again.borrowGrad(output.grad);
      this.#unwind(start);
    });
    return output;
  }

  /** Replays the pullbacks in reverse, giving memory back on the way. */
  backward(): void {
    this.#unwind(0);
    this.reset();
  }

  /** Replays the ops from the last one down to number `start`. */
  #unwind(start: number): void {
    while (this.#nodes.length > start) {
      const { outputs, saved, pullback } = this.#nodes.pop()!;
      pullback();
      for (const memory of saved) this.give(memory);
      for (const { memories } of outputs) memories.forEach((m) => this.give(m));
    }
  }

  /** Ends the step: forgets the ops and takes every activation back. */
  reset(): void {
    this.#nodes.length = 0;
    for (const memory of this.#live) this.give(memory);
    // Every step of a shape then takes the same memories for the same things,
    // and a backend can keep what it prepared for them.
    const order = (memory: Memory) => this.#order.get(memory)!;
    for (const free of this.#free.values()) {
      free.sort((a, b) => order(b) - order(a));
    }
  }
}
