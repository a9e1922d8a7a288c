/**
 * One call of a backend as data: what goes in, what is called, what comes out.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../../lib/backend/backend.ts";
import { Random } from "../../lib/random.ts";

/** Memories by name. */
export type Memories<M extends string = string> = Readonly<Record<M, Memory>>;

/** A call and its surroundings. */
export interface Case {
  /** Shape and circumstances, for messages. */
  readonly name: string;
  /** Every memory's content before the call; outputs included. */
  readonly memories: Readonly<Record<string, Float32Array>>;
  readonly ids?: readonly number[];
  /** Words that the call reads besides, by the memory's name. */
  readonly words?: Readonly<Record<string, Uint32Array>>;
  /** Whether the call chooses ids, which are then an output by that name. */
  readonly choosesIds?: boolean;
  /** Optional memories that the call leaves out. */
  readonly left?: readonly string[];
  /** The memories that the call shall change. */
  readonly outputs: readonly string[];
  /** |got - expected| may be this much, times 1 + |expected|. */
  readonly tolerance: number;
  call(backend: Backend, memories: Memories, ids: Indices): void;
}

/** Helps TypeScript know the memories' names inside `call`. */
export function defineCase<M extends string>(
  made:
    & Omit<Case, "memories" | "outputs" | "call">
    & {
      readonly memories: Readonly<Record<M, Float32Array>>;
      readonly outputs: readonly NoInfer<M>[];
      call(backend: Backend, memories: Memories<M>, ids: Indices): void;
    },
): Case {
  return made as unknown as Case;
}

/** Values beyond each memory that nobody may touch. */
const GUARD = 64;
const GUARD_VALUE = 1234.5;

/**
 * Makes the call and reads every memory.
 *
 * @throws {Error} When something outside a memory, or in a memory that is not
 * an output, was written.
 */
export async function run(
  backend: Backend,
  { name, memories, ids = [], words = {}, choosesIds, outputs, call }: Case,
): Promise<Record<string, Float32Array>> {
  const whole: Record<string, Memory> = {};
  const given: Record<string, Memory> = {};
  for (const [key, values] of Object.entries(memories)) {
    const padded = new Float32Array(values.length + GUARD).fill(GUARD_VALUE);
    padded.set(values);
    whole[key] = backend.alloc(padded.length);
    backend.write(whole[key], padded);
    given[key] = backend.slice(whole[key], 0, values.length);
  }
  const indices = backend.allocIndices(Math.max(1, ids.length));
  backend.writeIndices(indices, ids);
  for (const [key, values] of Object.entries(words)) {
    given[key] = wordsIn(backend, values);
  }
  call(backend, given, indices);
  const results: Record<string, Float32Array> = {};
  for (const [key, memory] of Object.entries(whole)) {
    const values = await backend.read(memory);
    const { length } = memories[key];
    if (values.subarray(length).some((value) => value !== GUARD_VALUE)) {
      throw new Error(`${name}: wrote beyond the end of ${key}`);
    }
    results[key] = values.slice(0, length);
    if (!outputs.includes(key) && !sameBits(results[key], memories[key])) {
      throw new Error(`${name}: changed its input ${key}`);
    }
  }
  const [after] = await backend.readIndices([indices]);
  if (choosesIds) {
    results.ids = Float32Array.from(after);
  } else if (ids.some((id, i) => id !== after[i])) {
    throw new Error(`${name}: changed the ids`);
  }
  return results;
}

/** Words on a backend. */
export function wordsIn(backend: Backend, values: Uint32Array): Indices {
  const words = backend.allocIndices(values.length);
  backend.writeIndices(words, values);
  return words;
}

/** Whether two arrays are the same, NaNs included. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((x, i) => Object.is(x, b[i]));
}

/**
 * Throws unless each value is within the tolerance; not-a-number and infinity
 * only pass where they are expected.
 */
export function assertClose(
  got: Float32Array,
  expected: Float32Array,
  tolerance: number,
  name: string,
): void {
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i];
    if (Object.is(got[i], want)) continue;
    const allowed = tolerance * (1 + Math.abs(want));
    if (Math.abs(got[i] - want) <= allowed) continue;
    throw new Error(
      `${name}[${i}] is ${got[i]} and not ${want} (within ${allowed})`,
    );
  }
}

/** Numbers for the cases, the same in every run. */
const random = new Random(2);

/** Normal numbers. */
export function normal(length: number, scale = 1, mean = 0): Float32Array {
  return Float32Array.from({ length }, () => mean + scale * random.normal());
}

/** What an output holds before a call that must overwrite it. */
export function garbage(length: number): Float32Array {
  return new Float32Array(length).fill(NaN);
}

/** Whole numbers in [0, limit). */
export function wholeNumbers(length: number, limit: number): number[] {
  return Array.from({ length }, () => random.next() % limit);
}
