/**
 * Reading memory back: the only place that waits for the device.
 *
 * Awaiting a map costs about 11 ms in Deno 2.9, however short the work was: its
 * event loop looks for finished maps at that interval. But `mapAsync` itself
 * blocks until the device is done, so there the mapped range may be had at once,
 * without the promise. What makes that safe:
 *
 * - it is tried in versions of Deno only in which it was seen to work, for Deno
 *   panics, and no probe survives that, when a buffer's range is taken before
 *   any of its maps was awaited: so the first map of a buffer always is;
 * - {@linkcode Readback.probe} compares what such reads bring with what was
 *   written, and the backend awaits all its maps where anything differs;
 * - a range that cannot be had yet is an exception, and then the map is awaited
 *   after all.
 *
 * The promise that nobody awaits ends by itself some 10 ms later; see
 * {@linkcode mapsEnded}.
 *
 * @module
 */

import type { Commands } from "./commands.ts";
import type { Device } from "./device.ts";
import type { WebGpuMemory } from "./memory.ts";

/** Larger buffers are given back after the read they were made for. */
const KEPT_BYTES = 16 * 2 ** 20;

/** Smallest buffer made. */
const SMALLEST_BYTES = 4096;

/** Runtimes in which a map need not be awaited. */
const BLOCKING_MAPS = /^Deno\/2\.9\.\d+$/;

/** Reads of the probe that must all be right. */
const PROBES = 8;

/** A buffer that the CPU can map. */
export interface Staging {
  /** The buffer. */
  readonly gpu: Pick<GPUBuffer, "mapAsync" | "getMappedRange" | "unmap">;
  /** Whether a map of it was ever awaited. */
  awaited: boolean;
}

type OwnStaging = Staging & { readonly gpu: GPUBuffer };

/** Copies memory out through buffers that the CPU can map. */
export class Readback {
  readonly #device: Device;
  readonly #commands: Commands;
  readonly #idle: OwnStaging[] = [];
  #atOnce = false;
  readonly #counts = { buffers: 0, reads: 0, bytesRead: 0 };

  /** Makes one without any buffers, which awaits every map. */
  constructor(device: Device, commands: Commands) {
    this.#device = device;
    this.#commands = commands;
  }

  /** Whether maps are not awaited; see the module's description. */
  get atOnce(): boolean {
    return this.#atOnce;
  }

  /** Buffers made so far, reads, and the bytes that they brought. */
  get counts(): { buffers: number; reads: number; bytesRead: number } {
    return { ...this.#counts };
  }

  /**
   * Finds out whether maps need not be awaited.
   *
   * @param scratch Memory that may be written over.
   * @param runtime What runs this, as `navigator.userAgent` says.
   */
  async probe(
    scratch: WebGpuMemory,
    runtime: string = navigator.userAgent,
  ): Promise<void> {
    this.#atOnce = false;
    if (!BLOCKING_MAPS.test(runtime)) return;
    const { queue } = this.#device.gpu;
    const length = Math.min(64, scratch.length);
    const part = scratch.part(0, length);
    await this.read(part); // a buffer whose map was awaited
    this.#atOnce = this.#probed(part, queue);
    await mapsEnded();
  }

  /** Whether reads without awaiting bring what was written. */
  #probed(part: WebGpuMemory, queue: GPUQueue): boolean {
    const { length } = part;
    for (let turn = 1; turn <= PROBES; turn++) {
      const sent = Float32Array.from({ length }, (_, i) => turn * 1000 + i);
      queue.writeBuffer(part.buffer.gpu, part.offset, sent);
      const staging = this.#copy([part], 4 * length);
      const got = rangeNow(staging, 4 * length);
      if (got === undefined) return false;
      this.#idle.push(staging);
      const values = new Float32Array(got);
      if (!sent.every((value, i) => value === values[i])) return false;
    }
    return true;
  }

  /**
   * Copies a memory out as it is after all calls so far.
   *
   * @throws {Error} When the device has failed; says why.
   */
  async read(memory: WebGpuMemory): Promise<Float32Array> {
    const bytes = await this.#bytesOf([memory]);
    return new Float32Array(bytes, 0, memory.length);
  }

  /**
   * Copies token ids out as they are after all calls so far.
   *
   * @param memories Where they are; all of them cost one wait.
   * @throws {Error} When the device has failed; says why.
   */
  async readIds(memories: readonly WebGpuMemory[]): Promise<Uint32Array[]> {
    const bytes = await this.#bytesOf(memories);
    let at = 0;
    return memories.map(({ length }) => {
      at += 4 * length;
      return new Uint32Array(bytes, at - 4 * length, length);
    });
  }

  async #bytesOf(memories: readonly WebGpuMemory[]): Promise<ArrayBuffer> {
    this.#device.check();
    const bytes = memories.reduce((sum, { length }) => sum + 4 * length, 0);
    if (bytes === 0) return new ArrayBuffer();
    this.#commands.flush();
    const staging = this.#copy(memories, bytes);
    let result: ArrayBuffer;
    try {
      result = await takeRange(staging, bytes, this.#atOnce);
    } catch (error) {
      throw await this.#device.explain(error);
    }
    this.#give(staging);
    this.#counts.reads++;
    this.#counts.bytesRead += bytes;
    await this.#device.settle();
    return result;
  }

  /** Has memories copied into a buffer that can be mapped. */
  #copy(memories: readonly WebGpuMemory[], bytes: number): OwnStaging {
    const staging = this.#take(bytes);
    const { gpu } = this.#device;
    const encoder = gpu.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, length } of memories) {
      const size = 4 * length;
      encoder.copyBufferToBuffer(buffer.gpu, offset, staging.gpu, at, size);
      at += size;
    }
    gpu.queue.submit([encoder.finish()]);
    return staging;
  }

  #take(bytes: number): OwnStaging {
    const at = this.#idle.findIndex(({ gpu }) => gpu.size >= bytes);
    if (at >= 0) return this.#idle.splice(at, 1)[0];
    this.#counts.buffers++;
    const size = bytes > KEPT_BYTES
      ? bytes
      : Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    const gpu = this.#device.gpu.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    return { gpu, awaited: false };
  }

  #give(staging: OwnStaging): void {
    if (staging.gpu.size > KEPT_BYTES) staging.gpu.destroy();
    else this.#idle.push(staging);
  }
}

/**
 * Maps a buffer, copies its start and unmaps it.
 *
 * @param staging The buffer; what fills it has been submitted.
 * @param bytes How many.
 * @param atOnce Try without awaiting, where that is safe.
 *
 * @example
 * ```ts
 * import { takeRange } from "./sync.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const gpu = {
 *   mapAsync: () => Promise.resolve(undefined),
 *   getMappedRange: () => Uint8Array.of(1, 2, 3, 4).buffer,
 *   unmap: () => undefined,
 * };
 * const range = await takeRange({ gpu, awaited: false }, 4, true);
 * assertEquals(new Uint8Array(range), Uint8Array.of(1, 2, 3, 4));
 * ```
 */
export async function takeRange(
  staging: Staging,
  bytes: number,
  atOnce: boolean,
): Promise<ArrayBuffer> {
  const mapped = staging.gpu.mapAsync(GPUMapMode.READ, 0, bytes);
  if (atOnce && staging.awaited) {
    const range = copyOfRange(staging, bytes);
    if (range !== undefined) {
      ignore(mapped);
      return range;
    }
  }
  await mapped;
  staging.awaited = true;
  const range = staging.gpu.getMappedRange(0, bytes).slice(0);
  staging.gpu.unmap();
  return range;
}

/** As `takeRange` at once, or undefined; the buffer is then of no more use. */
function rangeNow(staging: Staging, bytes: number): ArrayBuffer | undefined {
  if (!staging.awaited) return undefined;
  ignore(staging.gpu.mapAsync(GPUMapMode.READ, 0, bytes));
  return copyOfRange(staging, bytes);
}

/** Copies a mapped range and unmaps; undefined while it is not mapped. */
function copyOfRange({ gpu }: Staging, bytes: number): ArrayBuffer | undefined {
  let range: ArrayBuffer;
  try {
    range = gpu.getMappedRange(0, bytes).slice(0);
  } catch {
    return undefined;
  }
  gpu.unmap();
  return range;
}

/** Promises of maps that nobody awaits. */
const ending = new Set<Promise<void>>();

/** Lets a promise end as it likes: its work has been done already. */
function ignore(promise: Promise<unknown>): void {
  const forget = () => void ending.delete(ended);
  const ended: Promise<void> = promise.then(forget, forget);
  ending.add(ended);
}

/**
 * Waits for the promises of maps that nobody awaited. Nothing depends on them,
 * but Deno's tests count what is left behind.
 *
 * @example
 * ```ts
 * import { mapsEnded } from "./sync.ts";
 *
 * await mapsEnded();
 * ```
 */
export async function mapsEnded(): Promise<void> {
  await Promise.all(ending);
}
