/**
 * The communicator of a process that is alone.
 *
 * @module
 */

import {
  assertOneEach,
  type Communicator,
  partsOf,
  type Values,
} from "./communicator.ts";

/**
 * One rank of one.
 *
 * @example
 * ```ts
 * import { SingleProcess } from "./single_process.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const alone = new SingleProcess();
 * assertEquals([alone.rank, alone.size], [0, 1]);
 * assertEquals(await alone.allGather(Uint8Array.of(7)), [Uint8Array.of(7)]);
 * ```
 */
export class SingleProcess implements Communicator {
  readonly rank = 0;
  readonly size = 1;
  readonly description = "one process";

  barrier(): Promise<void> {
    return Promise.resolve();
  }

  broadcast(): Promise<void> {
    return Promise.resolve();
  }

  allReduce(): Promise<void> {
    return Promise.resolve();
  }

  reduceScatter(
    values: Float32Array,
    lengths: readonly number[],
  ): Promise<Float32Array> {
    assertOneEach(lengths, this);
    return Promise.resolve(partsOf(values, lengths)[0].slice());
  }

  allGather<T extends Values>(part: T): Promise<T[]> {
    return Promise.resolve([part.slice() as T]);
  }

  allToAll<T extends Values>(parts: readonly T[]): Promise<T[]> {
    assertOneEach(parts, this);
    return Promise.resolve([parts[0].slice() as T]);
  }

  /** There is nobody else to end. */
  abort(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
