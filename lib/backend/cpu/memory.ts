/**
 * The one shared memory that holds everything the CPU backend computes with.
 *
 * Memory is handed out front to back and never taken back: a backend's users
 * allocate while they set up and reuse what they hold. WebAssembly's 32-bit
 * addresses end at 4 GiB.
 *
 * @module
 */

import type { Indices, Memory } from "../backend.ts";
import { OutOfMemoryError } from "../out_of_memory.ts";
import { refuseLength, refuseStranger } from "../plan.ts";
import { Control, CONTROL_BYTES, WORD } from "./control.ts";

const PAGE_BYTES = 65536;
const MIB = 2 ** 20;

/** Every block starts on such a boundary: some cache lines, any vector. */
const ALIGNMENT = 256;

/** Smallest step in which the memory grows. */
const GROWTH_BYTES = 16 * MIB;

/** Most address space first, then what a limited process may still get. */
const MAXIMUM_PAGES = [65536, 32768, 16384, 8192];

/** A part of a shared memory. */
class Block {
  /**
   * Names a block that was reserved.
   *
   * @param owner The shared memory it is a part of.
   * @param address First byte.
   * @param length Number of values or ids.
   */
  constructor(
    readonly owner: SharedMemory,
    readonly address: number,
    readonly length: number,
  ) {}
}

/** A block of f32 values. */
export class CpuMemory extends Block implements Memory {}

/** A block of token ids, u32. */
export class CpuIndices extends Block implements Indices {}

/**
 * The shared memory, its allocator and the main thread's views of it.
 *
 * @example
 * ```ts
 * import { SharedMemory } from "./memory.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shared = new SharedMemory();
 * const address = shared.reserve(1000);
 * assertEquals(address % 256, 0);
 * assertEquals(shared.f32[address / 4], 0);
 * ```
 */
export class SharedMemory {
  /** What the kernels import. */
  readonly memory: WebAssembly.Memory;
  /** Most bytes it can hold. */
  readonly capacity: number;
  readonly #control: Control;
  #used = CONTROL_BYTES;
  #f32!: Float32Array;
  #u32!: Uint32Array;
  #f64!: Float64Array;

  /**
   * Reserves the address space.
   *
   * @param capacity Most bytes to use; by default all that can be addressed.
   */
  constructor(capacity?: number) {
    const { memory, pages } = makeMemory(capacity);
    this.memory = memory;
    this.capacity = pages * PAGE_BYTES;
    this.#control = new Control(memory);
    this.#refresh();
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.#used;
  }

  /** The whole memory as f32; replaced when it grows. */
  get f32(): Float32Array {
    return this.#f32;
  }

  /** The whole memory as u32; replaced when it grows. */
  get u32(): Uint32Array {
    return this.#u32;
  }

  /** The whole memory as f64; replaced when it grows. */
  get f64(): Float64Array {
    return this.#f64;
  }

  /**
   * Reserves zeroed bytes.
   *
   * @returns The address of the first.
   * @throws {OutOfMemoryError} When they do not fit any more; says what would.
   * @throws {RangeError} For what is no size.
   */
  reserve(bytes: number): number {
    const address = Math.ceil(this.#used / ALIGNMENT) * ALIGNMENT;
    const end = address + bytes;
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`Cannot allocate ${bytes} bytes: not a size`);
    }
    if (end > this.capacity) this.#refuse(bytes, this.capacity - address);
    const present = this.#f32.buffer.byteLength;
    if (end > present) {
      const wanted = Math.max(end, present + GROWTH_BYTES);
      const pages = Math.ceil(Math.min(wanted, this.capacity) / PAGE_BYTES);
      try {
        this.memory.grow(pages - present / PAGE_BYTES);
      } catch {
        this.#refuse(bytes, present - address);
      }
      this.#refresh();
    }
    this.#used = end;
    return address;
  }

  /**
   * Where a block of this memory begins.
   *
   * @param needed How many values it must hold.
   * @param op What is to be computed, and `name`, what the block is called
   * there: for the error.
   * @throws {TypeError} When it is no block of values, or of another backend.
   * @throws {RangeError} When it is too short.
   */
  addressOf(memory: unknown, needed: number, op: string, name: string): number {
    if (!(memory instanceof CpuMemory)) refuseStranger(op, name);
    return this.#addressOf(memory, needed, op, name);
  }

  /** As {@linkcode SharedMemory.addressOf}, of token ids. */
  idsAt(indices: unknown, needed: number, op: string, name: string): number {
    if (!(indices instanceof CpuIndices)) refuseStranger(op, name);
    return this.#addressOf(indices, needed, op, name);
  }

  #addressOf(
    block: Block,
    needed: number,
    op: string,
    name: string,
  ): number {
    if (block.owner !== this) refuseStranger(op, name);
    if (block.length < needed) refuseLength(op, name, block.length, needed);
    return block.address;
  }

  #refuse(bytes: number, left: number): never {
    throw new OutOfMemoryError(
      `Cannot allocate ${mebibytes(bytes)} MiB: ${mebibytes(this.#used)} of ` +
        `${mebibytes(this.capacity)} MiB are in use, so at most ` +
        `${mebibytes(Math.max(0, left))} MiB fit`,
      this.#used,
    );
  }

  #refresh(): void {
    const { buffer } = this.memory;
    this.#f32 = new Float32Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    const pages = buffer.byteLength / PAGE_BYTES;
    Atomics.store(this.#control.words, WORD.pages, pages);
  }
}

function makeMemory(
  capacity = Infinity,
): { memory: WebAssembly.Memory; pages: number } {
  let refusal: unknown;
  for (const maximum of MAXIMUM_PAGES) {
    try {
      const memory = new WebAssembly.Memory({
        initial: 1,
        maximum,
        shared: true,
      });
      const pages = Math.min(maximum, Math.ceil(capacity / PAGE_BYTES));
      return { memory, pages };
    } catch (error) {
      refusal = error;
    }
  }
  throw new Error(
    `Cannot start the cpu backend: no address space for a shared memory of ` +
      `${mebibytes(MAXIMUM_PAGES.at(-1)! * PAGE_BYTES)} MiB or more`,
    { cause: refusal },
  );
}

function mebibytes(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0);
}
