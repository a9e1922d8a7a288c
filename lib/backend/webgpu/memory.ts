/**
 * Device memory: small allocations side by side in shared buffers, large ones in
 * a buffer of their own, so that what a kernel reads and what it writes are
 * rarely in one buffer (WebGPU then takes the slower way of binding both).
 *
 * Memory is handed out and never taken back: a backend's users allocate while
 * they set up and reuse what they hold.
 *
 * @module
 */

import type { Indices, Memory } from "../backend.ts";
import { refuseLength, refuseStranger } from "../plan.ts";
import { OutOfMemoryError } from "../out_of_memory.ts";
import type { Device } from "./device.ts";

const MIB = 2 ** 20;

/** Every block starts on such a boundary, as bindings must. */
const ALIGNMENT = 256;

/** Smaller allocations share buffers. */
const LARGE_BYTES = 64 * 1024;

/** Size of a shared buffer. */
const SHARED_BYTES = MIB;

/** In the links of ids: the row is not its id's first; no later row has the id. */
const NOT_FIRST = 0x80000000, NO_NEXT = 0x7fffffff;

/** Parts of buffers known by name; beyond so many they are named anew. */
const MOST_PARTS = 2 ** 18;

/** A buffer and the parts of it that were named. */
export interface NumberedBuffer {
  /** The buffer. */
  readonly gpu: GPUBuffer;
  /** Different for every buffer of an arena. */
  readonly number: number;
  /** By their first byte, then by their length. */
  readonly parts: Map<number, Map<number, WebGpuMemory>>;
}

/** A part of a buffer: f32 values or token ids. */
export class WebGpuMemory implements Memory {
  /**
   * Names a part; made by {@linkcode Arena.name}.
   *
   * @param arena Where it was reserved.
   * @param buffer The buffer it is in.
   * @param offset First byte, a multiple of 256.
   * @param length Number of values.
   * @param id Different for every part: stands for it in caches.
   */
  constructor(
    readonly arena: Arena,
    readonly buffer: NumberedBuffer,
    readonly offset: number,
    readonly length: number,
    readonly id: number,
  ) {}

  /**
   * A part of it.
   *
   * @param start First value, a multiple of 64.
   * @param length Number of values.
   */
  part(start: number, length: number): WebGpuMemory {
    if (start === 0 && length === this.length) return this;
    const offset = this.offset + 4 * start;
    return this.arena.name(this.buffer, offset, length);
  }
}

/**
 * Token ids: on the device for the kernels, here for the checks that none is
 * beyond its table, and, for the gradient of an embedding, where each occurs
 * next.
 */
export class WebGpuIndices implements Indices {
  /** The ids that were written last. */
  readonly host: Uint32Array;
  /** For each row the next with the same id; see `embedding.wgsl`. */
  links?: WebGpuMemory;
  /** A bound of ids that the device chose; where set, `host` is out of date. */
  chosenBelow?: number;

  /**
   * Names what was reserved.
   *
   * @param memory The ids on the device.
   */
  constructor(readonly memory: WebGpuMemory) {
    this.host = new Uint32Array(memory.length);
  }

  /** How many ids it holds. */
  get length(): number {
    return this.host.length;
  }

  /**
   * Throws when a kernel would read or write beyond its table.
   *
   * @param first The first id to look at.
   * @param count How many.
   * @param limit What they must be below.
   */
  check(first: number, count: number, limit: number): void {
    const { host, chosenBelow = 0 } = this;
    if (chosenBelow > limit) {
      throw new RangeError(
        `Cannot compute: token ids chosen among ${chosenBelow} need not be ` +
          `below ${limit}`,
      );
    }
    if (chosenBelow > 0) return;
    for (let i = first; i < first + count; i++) {
      if (host[i] >= limit) {
        throw new RangeError(
          `Cannot compute: token id ${host[i]} is not below ${limit}`,
        );
      }
    }
  }

  /** For each row the next with its id, and whether it is not the first. */
  linksOfIds(): Uint32Array {
    if (this.chosenBelow !== undefined) {
      throw new TypeError(
        "Cannot compute: the token ids are on the device only",
      );
    }
    const { host } = this;
    const links = new Uint32Array(host.length).fill(NO_NEXT);
    const last = new Map<number, number>();
    for (let row = 0; row < host.length; row++) {
      const before = last.get(host[row]);
      if (before !== undefined) {
        links[before] = links[before] & NOT_FIRST | row;
        links[row] |= NOT_FIRST;
      }
      last.set(host[row], row);
    }
    return links;
  }
}

/** Hands out memory of one device. */
export class Arena {
  readonly #device: Device;
  readonly #largest: number;
  readonly #most: number;
  #shared?: NumberedBuffer;
  #sharedUsed = 0;
  readonly #buffers: NumberedBuffer[] = [];
  #bytes = 0;
  #parts = 0;
  #ids = 0;

  /**
   * Makes an empty arena.
   *
   * @param device Whose memory it hands out.
   * @param most Most bytes of it, where that is less than the device has.
   */
  constructor(device: Device, most: number = Infinity) {
    this.#device = device;
    this.#most = most;
    this.#largest = device.gpu.limits.maxBufferSize;
  }

  /** Bytes reserved on the device. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Buffers made so far. */
  get buffers(): number {
    return this.#buffers.length;
  }

  /**
   * Reserves zeroed memory for values of four bytes.
   *
   * @throws {RangeError} When no buffer can be so large; says what could.
   * @throws {OutOfMemoryError} When so much is not to be had. Where it is the
   * device that refuses, it does so later, in the next `settle`.
   */
  reserve(length: number): WebGpuMemory {
    const bytes = 4 * length;
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`Cannot allocate ${bytes} bytes: not a size`);
    }
    const rounded = Math.max(ALIGNMENT, roundUp(bytes));
    if (rounded > this.#largest) {
      throw new RangeError(
        `Cannot allocate ${mebibytes(bytes)} MiB: the adapter allows buffers ` +
          `of at most ${mebibytes(this.#largest)} MiB`,
      );
    }
    if (rounded >= LARGE_BYTES) {
      return this.name(this.#make(rounded), 0, length);
    }
    if (
      this.#shared === undefined || this.#sharedUsed + rounded > SHARED_BYTES
    ) {
      this.#shared = this.#make(SHARED_BYTES);
      this.#sharedUsed = 0;
    }
    const offset = this.#sharedUsed;
    this.#sharedUsed += rounded;
    return this.name(this.#shared, offset, length);
  }

  /**
   * The memory that stands for a part of a buffer: the same one every time, so
   * that what was prepared for it is found by its id.
   */
  name(buffer: NumberedBuffer, offset: number, length: number): WebGpuMemory {
    const known = buffer.parts.get(offset)?.get(length);
    if (known !== undefined) return known;
    if (this.#parts === MOST_PARTS) {
      for (const { parts } of this.#buffers) parts.clear();
      this.#parts = 0;
    }
    this.#parts++;
    const memory = new WebGpuMemory(this, buffer, offset, length, this.#ids++);
    const lengths = buffer.parts.get(offset);
    if (lengths === undefined) {
      buffer.parts.set(offset, new Map([[length, memory]]));
    } else lengths.set(length, memory);
    return memory;
  }

  /**
   * A memory that must be of this arena and hold so many values.
   *
   * @param op What is to be computed, and `name`, what the memory is called
   * there: for the error.
   * @throws {TypeError} When it is no memory of values, or of another backend.
   * @throws {RangeError} When it is too short.
   */
  own(memory: unknown, needed: number, op: string, name: string): WebGpuMemory {
    if (!(memory instanceof WebGpuMemory) || memory.arena !== this) {
      refuseStranger(op, name);
    }
    const { length } = memory;
    if (length < needed) refuseLength(op, name, length, needed);
    return memory;
  }

  /** As {@linkcode Arena.own}, of token ids. */
  ownIds(
    ids: unknown,
    needed: number,
    op: string,
    name: string,
  ): WebGpuIndices {
    if (!(ids instanceof WebGpuIndices)) refuseStranger(op, name);
    this.own(ids.memory, needed, op, name);
    return ids;
  }

  #make(size: number): NumberedBuffer {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const refusal = `the device cannot hold ${mebibytes(size)} MiB more than ` +
      `the ${mebibytes(this.#bytes)} MiB in use`;
    if (this.#bytes + size > this.#most) {
      throw new OutOfMemoryError(`Cannot compute: ${refusal}`, this.#bytes);
    }
    const usage = STORAGE | COPY_SRC | COPY_DST;
    const gpu = this.#device.guarded(
      refusal,
      () => this.#device.gpu.createBuffer({ size, usage }),
      this.#bytes,
    );
    this.#bytes += size;
    const buffer = { gpu, number: this.#buffers.length, parts: new Map() };
    this.#buffers.push(buffer);
    return buffer;
  }
}

/** Memory for use within one call; what it holds does not outlast that. */
export class Scratch {
  readonly #arena: Arena;
  #memory: WebGpuMemory;

  /**
   * Reserves some.
   *
   * @param length How many values are enough for most calls.
   */
  constructor(arena: Arena, length: number) {
    this.#arena = arena;
    this.#memory = arena.reserve(length);
  }

  /** All of it, which is at least so many values. */
  of(length: number): WebGpuMemory {
    if (this.#memory.length < length) {
      this.#memory = this.#arena.reserve(2 ** Math.ceil(Math.log2(length)));
    }
    return this.#memory;
  }
}

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  const digits = bytes < MIB / 10 ? 3 : bytes < 10 * MIB ? 1 : 0;
  return (bytes / MIB).toFixed(digits);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
