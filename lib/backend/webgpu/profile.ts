/**
 * How long each kernel takes, by the device's own clock: every call gets a pass
 * of its own with a timestamp before and after. That is slower than a pass for
 * many calls, so it is for measuring only.
 *
 * @module
 */

import type { Device } from "./device.ts";
import type { Arena, WebGpuMemory } from "./memory.ts";

/** What the calls of a kernel took together. */
export interface KernelTime {
  /** The kernel's name. */
  readonly kernel: string;
  /** How often it was called. */
  readonly calls: number;
  /** How long that took, in ms. */
  readonly milliseconds: number;
}

/** Copies a memory out as words; see `sync.ts`. */
export type ReadWords = (memory: WebGpuMemory) => Promise<Uint32Array>;

/** A timestamp is a whole number of 8 bytes; a call has two. */
const WORDS_PER_CALL = 4;

/** How long the device's clock is compared with ours, in ms. */
const CALIBRATION = 100;

/** Collects the times of calls. */
export class Profiler {
  readonly #device: Device;
  readonly #arena: Arena;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #idle: WebGpuMemory[] = [];
  #logs: { memory: WebGpuMemory; kernels: readonly string[] }[] = [];
  #kernels: string[] = [];
  #nanosecondsPerTick = 1;

  /**
   * Reserves what one submission needs.
   *
   * @param device One that has timestamp queries.
   * @param arena Holds the timestamps until they are asked for.
   * @param calls Most calls in a submission.
   */
  constructor(device: Device, arena: Arena, calls: number) {
    this.#device = device;
    this.#arena = arena;
    this.#queries = device.gpu.createQuerySet({
      type: "timestamp",
      count: 2 * calls,
    });
    this.#resolved = device.gpu.createBuffer({
      size: 4 * WORDS_PER_CALL * calls,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
  }

  /** Begins the pass of a call. */
  begin(encoder: GPUCommandEncoder, kernel: string): GPUComputePassEncoder {
    const first = 2 * this.#kernels.push(kernel) - 2;
    return encoder.beginComputePass({
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    });
  }

  /** Ends a submission: has its timestamps kept. */
  end(encoder: GPUCommandEncoder): void {
    const words = WORDS_PER_CALL * this.#kernels.length;
    const fits = this.#idle.findIndex(({ length }) => length >= words);
    const memory = fits >= 0
      ? this.#idle.splice(fits, 1)[0]
      : this.#arena.reserve(2 ** Math.ceil(Math.log2(words)));
    const queries = 2 * this.#kernels.length;
    encoder.resolveQuerySet(this.#queries, 0, queries, this.#resolved, 0);
    const { buffer, offset } = memory;
    encoder.copyBufferToBuffer(
      this.#resolved,
      0,
      buffer.gpu,
      offset,
      4 * words,
    );
    this.#logs.push({ memory, kernels: this.#kernels });
    this.#kernels = [];
  }

  /**
   * Compares the device's clock with ours: WebGPU counts in nanoseconds, but
   * Deno hands out the ticks of the device.
   */
  async calibrate(read: ReadWords): Promise<void> {
    const first = await this.#now(read);
    await new Promise((resolve) => setTimeout(resolve, CALIBRATION));
    const last = await this.#now(read);
    const ticks = Number(last.ticks - first.ticks);
    const nanoseconds = 1e6 * (last.milliseconds - first.milliseconds);
    const ratio = nanoseconds / ticks;
    if (!(ratio > 0 && ratio < Infinity)) {
      throw new Error("Cannot profile: the device's clock stands still");
    }
    // Near 1 its unit is taken for exact: this comparison is less so.
    this.#nanosecondsPerTick = Math.abs(ratio - 1) < 0.02 ? 1 : ratio;
  }

  /**
   * The times of all calls since it was asked last, the longest first.
   *
   * @param read After everything was submitted.
   */
  async times(read: ReadWords): Promise<KernelTime[]> {
    const logs = this.#logs;
    this.#logs = [];
    const times = new Map<string, { calls: number; ticks: bigint }>();
    for (const { memory, kernels } of logs) {
      const words = WORDS_PER_CALL * kernels.length;
      const stamps = stampsOf(await read(memory.part(0, words)));
      this.#idle.push(memory);
      for (const [i, kernel] of kernels.entries()) {
        const before = times.get(kernel) ?? { calls: 0, ticks: 0n };
        const taken = stamps[2 * i + 1] - stamps[2 * i];
        times.set(kernel, {
          calls: before.calls + 1,
          ticks: before.ticks + (taken > 0n ? taken : 0n),
        });
      }
    }
    return [...times]
      .map(([kernel, { calls, ticks }]) => ({
        kernel,
        calls,
        milliseconds: Number(ticks) * this.#nanosecondsPerTick / 1e6,
      }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  /** The device's clock and ours at one time. */
  async #now(
    read: ReadWords,
  ): Promise<{ ticks: bigint; milliseconds: number }> {
    const encoder = this.#device.gpu.createCommandEncoder();
    this.begin(encoder, "fill").end();
    this.end(encoder);
    const { memory } = this.#logs.pop()!;
    this.#device.gpu.queue.submit([encoder.finish()]);
    const words = await read(memory.part(0, WORDS_PER_CALL));
    this.#idle.push(memory);
    return { ticks: stampsOf(words)[1], milliseconds: performance.now() };
  }
}

/** Words in pairs, the lower first. */
function stampsOf(words: Uint32Array): BigUint64Array {
  const { buffer, byteOffset, length } = words;
  return new BigUint64Array(
    buffer.slice(byteOffset, byteOffset + 4 * length) as ArrayBuffer,
  );
}
