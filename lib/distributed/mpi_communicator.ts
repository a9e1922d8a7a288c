/**
 * Ranks that MPI connects. Every operation is begun and then asked after until
 * it is done, so that the event loop goes on, a signal is heard, and a rank that
 * never comes is noticed.
 *
 * @module
 */

import {
  assertOneEach,
  type Communicator,
  partsOf,
  sumInOrder,
  type Values,
} from "./communicator.ts";
import { type MpiLibrary, words } from "./mpi_library.ts";

/** Seconds that an operation may take, the waiting for the slowest included. */
export const TIME_LIMIT = 1800;

/** Milliseconds in which is asked without a pause, then with short ones. */
const BUSY = 0.2, SHORT = 5;

/** Bytes that one call of MPI moves at most, as its counts have 32 bits. */
const MOST_AT_ONCE = 2 ** 30;

/** Values up to which a sum is quicker made of all than in parts. */
const SMALL = 4096;

/**
 * A rank of a program that `mpirun` or the like has started.
 *
 * Errors of MPI itself end all ranks, as is its way: it has words for them.
 */
export class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly description: string;
  readonly #mpi: MpiLibrary;
  readonly #timeLimit: number;
  /** What MPI keeps a handle in while it works: 8 bytes, or 4. */
  readonly #request = words(2);
  readonly #isDone = words(1);
  /** Operations one after another, whoever begins them. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Joins the other ranks; once in a program.
   *
   * @param mpi The library.
   * @param options Seconds that an operation may take.
   * @throws {Error} When it cannot begin.
   */
  constructor(
    mpi: MpiLibrary,
    { timeLimit = TIME_LIMIT }: { readonly timeLimit?: number } = {},
  ) {
    this.#mpi = mpi;
    this.#timeLimit = timeLimit;
    const { functions, constants } = mpi;
    const found = words(1);
    this.#check(
      functions.MPI_Init_thread(0n, 0n, constants.funneled, found),
    );
    this.#check(functions.MPI_Comm_rank(word(constants.world), found));
    this.rank = found[0];
    this.#check(functions.MPI_Comm_size(word(constants.world), found));
    this.size = found[0];
    this.description = `${this.size} ranks by ${mpi.version}`;
  }

  async barrier(): Promise<void> {
    const { functions, constants } = this.#mpi;
    await this.#run(
      (request) => functions.MPI_Ibarrier(word(constants.world), request),
    );
  }

  async broadcast(values: Values, root = 0): Promise<void> {
    const { functions, constants } = this.#mpi;
    for (const piece of piecesOf(bytesOf(values), MOST_AT_ONCE)) {
      await this.#run((request) =>
        functions.MPI_Ibcast(
          piece,
          piece.length,
          word(constants.byte),
          root,
          word(constants.world),
          request,
        ), [piece]);
    }
  }

  async allReduce(values: Float32Array): Promise<void> {
    if (values.length <= SMALL) {
      const parts = await this.#gather(values, this.#alike(values.length));
      values.set(sumInOrder(parts));
      return;
    }
    const lengths = evenLengths(values.length, this.size);
    const own = await this.reduceScatter(values, lengths);
    let at = 0;
    for (const part of await this.#gather(own, lengths)) {
      values.set(part, at);
      at += part.length;
    }
  }

  async reduceScatter(
    values: Float32Array,
    lengths: readonly number[],
  ): Promise<Float32Array> {
    assertOneEach(lengths, this);
    const parts = partsOf(values, lengths);
    const most = Math.max(...lengths);
    const come = this.#alike(lengths[this.rank]);
    return sumInOrder(await this.#exchange(parts, come, most));
  }

  async allGather<T extends Values>(part: T): Promise<T[]> {
    const counts = await this.#counts([part.length]);
    return await this.#gather(part, counts.map(([length]) => length));
  }

  async allToAll<T extends Values>(parts: readonly T[]): Promise<T[]> {
    assertOneEach(parts, this);
    const counts = await this.#counts(parts.map(({ length }) => length));
    const come = counts.map((row) => row[this.rank]);
    const most = counts.reduce((most, row) => Math.max(most, ...row), 0);
    return await this.#exchange(parts, come, most);
  }

  abort(code: number): void {
    const { functions, constants } = this.#mpi;
    functions.MPI_Abort(word(constants.world), code);
  }

  async close(): Promise<void> {
    await this.barrier();
    this.#check(this.#mpi.functions.MPI_Finalize());
  }

  /** What all tell each other: as many whole numbers a rank, below 2³². */
  async #counts(own: readonly number[]): Promise<number[][]> {
    const bytes = new Uint8Array(Uint32Array.from(own).buffer);
    const parts = await this.#gather(bytes, this.#alike(bytes.length));
    return parts.map((part) => [...new Uint32Array(part.slice().buffer)]);
  }

  /** A length for each rank. */
  #alike(length: number): number[] {
    return Array.from({ length: this.size }, () => length);
  }

  /** Gives all the parts of all, whose lengths all know. */
  async #gather<T extends Values>(
    part: T,
    lengths: readonly number[],
  ): Promise<T[]> {
    const { functions, constants } = this.#mpi, { BYTES_PER_ELEMENT } = part;
    const byte = word(constants.byte), world = word(constants.world);
    const found = lengths.map((length) => emptyLike(part, length));
    const step = Math.max(4, 4 * Math.floor(MOST_AT_ONCE / this.size / 4));
    const longest = Math.max(...lengths) * BYTES_PER_ELEMENT;
    for (let at = 0; at < longest; at += step) {
      const counts = lengths.map((length) =>
        slotOf(length * BYTES_PER_ELEMENT, at, step)
      );
      const list = listOf(counts);
      const sent = copyOf(bytesOf(part).subarray(at, at + step));
      await this.#run((request) =>
        functions.MPI_Iallgatherv(
          sent,
          counts[this.rank],
          byte,
          list.room,
          list.counts,
          list.places,
          byte,
          world,
          request,
        ), [sent, list]);
      list.copyTo(found.map((values) => bytesOf(values).subarray(at)));
    }
    return found;
  }

  /** Gives each what there is for it; all know the length of the longest. */
  async #exchange<T extends Values>(
    parts: readonly T[],
    lengths: readonly number[],
    most: number,
  ): Promise<T[]> {
    const { functions, constants } = this.#mpi;
    const [{ BYTES_PER_ELEMENT }] = parts;
    const byte = word(constants.byte), world = word(constants.world);
    const found = lengths.map((length) => emptyLike(parts[0], length));
    const step = Math.max(4, 4 * Math.floor(MOST_AT_ONCE / this.size / 4));
    for (let at = 0; at < most * BYTES_PER_ELEMENT; at += step) {
      const bytes = parts.map((part) => bytesOf(part).subarray(at, at + step));
      const sent = listOf(bytes.map(({ length }) => length));
      sent.copyFrom(bytes);
      const come = listOf(
        lengths.map((length) => slotOf(length * BYTES_PER_ELEMENT, at, step)),
      );
      await this.#run((request) =>
        functions.MPI_Ialltoallv(
          sent.room,
          sent.counts,
          sent.places,
          byte,
          come.room,
          come.counts,
          come.places,
          byte,
          world,
          request,
        ), [sent, come]);
      come.copyTo(found.map((values) => bytesOf(values).subarray(at)));
    }
    return found;
  }

  /**
   * Begins an operation and waits until it is done.
   *
   * @param begin Begins it.
   * @param inUse What MPI reads and writes meanwhile, which has to stay.
   */
  #run(
    begin: (request: Int32Array<ArrayBuffer>) => number,
    inUse: readonly unknown[] = [],
  ): Promise<void> {
    const work = async () => {
      this.#check(begin(this.#request));
      await this.#untilDone();
      void inUse.length;
    };
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #untilDone(): Promise<void> {
    const { functions: { MPI_Test }, constants } = this.#mpi;
    const begun = performance.now(), limit = 1000 * this.#timeLimit;
    for (;;) {
      this.#check(
        MPI_Test(this.#request, this.#isDone, BigInt(constants.statusIgnore)),
      );
      if (this.#isDone[0] !== 0) return;
      const waited = performance.now() - begun;
      if (waited > limit) {
        throw new Error(
          `Cannot reach the other ranks: of ${this.size} not all have answered within ${this.#timeLimit} seconds`,
        );
      }
      if (waited > BUSY) await pause(waited < SHORT ? 0 : 1);
    }
  }

  #check(code: number): void {
    if (code === 0) return;
    throw new Error(
      `Cannot reach the other ranks: MPI has failed with code ${code}`,
    );
  }
}

/** Values one after another in one piece of memory, as MPI takes them. */
interface List {
  readonly room: Uint8Array<ArrayBuffer>;
  readonly counts: Int32Array<ArrayBuffer>;
  readonly places: Int32Array<ArrayBuffer>;
  copyFrom(parts: readonly Uint8Array[]): void;
  copyTo(parts: readonly Uint8Array[]): void;
}

function listOf(lengths: readonly number[]): List {
  const counts = words(lengths.length), places = words(lengths.length);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    counts[i] = length;
    places[i] = at;
    at += length;
  }
  const room = new Uint8Array(new ArrayBuffer(Math.max(1, at)));
  return {
    room,
    counts,
    places,
    copyFrom: (parts) => parts.forEach((part, i) => room.set(part, places[i])),
    copyTo: (parts) =>
      lengths.forEach((length, i) =>
        parts[i].set(room.subarray(places[i], places[i] + length))
      ),
  };
}

/** How much of something is in a slot of a length that begins somewhere. */
function slotOf(length: number, at: number, step: number): number {
  return Math.max(0, Math.min(step, length - at));
}

/** Lengths of parts that differ by one at most. */
export function evenLengths(length: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) =>
      Math.floor((i + 1) * length / parts) - Math.floor(i * length / parts),
  );
}

function emptyLike<T extends Values>(values: T, length: number): T {
  const isBytes = values instanceof Uint8Array;
  return (isBytes ? new Uint8Array(length) : new Float32Array(length)) as T;
}

function bytesOf({ buffer, byteOffset, byteLength }: Values) {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** In memory of its own, which nobody moves. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(Math.max(1, bytes.length)));
  copy.set(bytes);
  return copy;
}

function* piecesOf(
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += most) {
    yield bytes.subarray(at, at + most);
  }
}

function word(value: number | bigint): bigint {
  return BigInt(value);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
