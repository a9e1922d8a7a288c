/**
 * A backend that computes nothing and counts: what a model or a training step
 * takes is found out by doing it here, in milliseconds, not by arithmetic that
 * has to follow every change of a model.
 *
 * @module
 */

import type { Backend, Indices, Memory, MemoryPart } from "./backend.ts";
import type { OpName } from "./ops.ts";
import {
  type AnyMemories,
  type AnySettings,
  extentsOf,
  newExtents,
  PLANS,
} from "./plan.ts";

/**
 * Memory without values, and calls that only check their extents.
 *
 * @example
 * ```ts
 * import { CountingBackend } from "./counting.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = new CountingBackend();
 * const x = backend.alloc(1000), y = backend.alloc(1000);
 * backend.run("tanhForward", { y, x });
 * assertEquals(backend.bytesUsed, 8000);
 * assertEquals(backend.calls, 1);
 * ```
 */
export class CountingBackend implements Backend {
  readonly name = "counting";
  readonly description = "counting: computes nothing";
  #bytes = 0;
  #calls = 0;

  /** Bytes of memory handed out. */
  get bytesUsed(): number {
    return this.#bytes;
  }

  /** Ops and matrix products so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Nothing to give back. */
  [Symbol.dispose](): void {}

  alloc(length: number): Memory {
    this.#bytes += 4 * length;
    return { length };
  }

  allocIndices(length: number): Indices {
    return this.alloc(length);
  }

  slice(_memory: Memory, _start: number, length: number): Memory {
    return { length };
  }

  write(): void {}

  writeIndices(): void {}

  /** Zeros: there are no values. */
  read({ length }: Memory, part?: MemoryPart): Promise<Float32Array> {
    return Promise.resolve(
      part?.into ?? new Float32Array(part?.length ?? length),
    );
  }

  /** Zeros: there are no ids. */
  readIndices(indices: readonly Indices[]): Promise<Uint32Array[]> {
    return Promise.resolve(
      indices.map(({ length }) => new Uint32Array(length)),
    );
  }

  run(op: OpName, memories: AnyMemories, settings: object = {}): void {
    this.#calls++;
    extentsOf(PLANS[op], memories, settings as AnySettings, newExtents());
  }

  together<T>(calls: () => T): T {
    return calls();
  }

  matmul(): void {
    this.#calls++;
  }

  sample(): void {
    this.#calls++;
  }
}
