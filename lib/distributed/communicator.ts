/**
 * What programs that work together can do: the one interface of all that is
 * shared among ranks. A rank is one of `size` processes, counted from 0.
 *
 * Two things speak it: `SingleProcess`, which is alone, and `MpiCommunicator`.
 * Every rank has to call the same methods in the same order. Sums have a fixed
 * order, that of the ranks, so they have the same bits on all of them, and from
 * one run to the next.
 *
 * @module
 */

/** What travels between ranks: bytes, or 32-bit floats. */
export type Values = Uint8Array | Float32Array;

/** This process among those it works with. */
export interface Communicator {
  /** Which one this is, from 0 on. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** What connects them, in words. */
  readonly description: string;

  /** Waits until all are here. */
  barrier(): Promise<void>;

  /**
   * Gives all the values of one.
   *
   * @param values Of the same length everywhere; overwritten but on the root.
   * @param root Whose; 0 unless given.
   */
  broadcast(values: Values, root?: number): Promise<void>;

  /**
   * Adds up in place, rank after rank, what all have.
   *
   * @param values Of the same length everywhere.
   */
  allReduce(values: Float32Array): Promise<void>;

  /**
   * Adds up what all have, rank after rank, and keeps a part of the sum.
   *
   * @param values Of the same length everywhere.
   * @param lengths How much of it each rank keeps, one after another.
   * @returns This rank's part.
   * @throws {RangeError} When the parts are not as long as the values.
   */
  reduceScatter(
    values: Float32Array,
    lengths: readonly number[],
  ): Promise<Float32Array>;

  /**
   * Gives all the parts of all.
   *
   * @param part Of any length.
   * @returns A part a rank, in their order.
   */
  allGather<T extends Values>(part: T): Promise<T[]>;

  /**
   * Gives each what the others have for it.
   *
   * @param parts What goes to each rank, in their order; of any lengths.
   * @returns What came from each rank, in their order.
   * @throws {RangeError} When there is not one part a rank.
   */
  allToAll<T extends Values>(parts: readonly T[]): Promise<T[]>;

  /**
   * Ends all other ranks, those that wait for this one too. MPI ends this one
   * with them; where it is alone, who calls has to.
   *
   * @param code The exit code, not 0.
   */
  abort(code: number): void;

  /** Leaves when all do; nothing can be said after it. */
  close(): Promise<void>;
}

/**
 * Cuts values into parts, one after another.
 *
 * @param values What is cut.
 * @param lengths How long each part is.
 * @throws {RangeError} When the parts are not as long as the values.
 */
export function partsOf<T extends Values>(
  values: T,
  lengths: readonly number[],
): T[] {
  let at = 0;
  const parts = lengths.map((length) => values.subarray(at, at += length) as T);
  if (at !== values.length) {
    throw new RangeError(
      `Cannot cut ${values.length} values into parts: theirs are ${at}`,
    );
  }
  return parts;
}

/**
 * Adds up parts of one length in their order, in 32 bits.
 *
 * @param parts At least one.
 * @returns A new sum.
 */
export function sumInOrder(parts: readonly Float32Array[]): Float32Array {
  const sum = parts[0].slice();
  for (const part of parts.slice(1)) {
    for (let i = 0; i < sum.length; i++) sum[i] += part[i];
  }
  return sum;
}

/**
 * Refuses parts that are not one a rank.
 *
 * @throws {RangeError} When there are more or fewer.
 */
export function assertOneEach(
  parts: readonly unknown[],
  { size }: Pick<Communicator, "size">,
): void {
  if (parts.length === size) return;
  throw new RangeError(
    `Cannot give ${parts.length} parts to ${size} ranks: each takes one`,
  );
}
