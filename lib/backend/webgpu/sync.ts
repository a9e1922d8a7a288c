/**
 * Reading memory back: the only place that waits for the device.
 *
 * A wait costs about 11 ms in Deno 2.9, whatever it is for: its event loop looks
 * for finished maps at that interval. So read rarely, and much at once.
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

/** Copies memory out through buffers that the CPU can map. */
export class Readback {
  readonly #device: Device;
  readonly #commands: Commands;
  readonly #idle: GPUBuffer[] = [];

  /** Makes one without any buffers. */
  constructor(device: Device, commands: Commands) {
    this.#device = device;
    this.#commands = commands;
  }

  /**
   * Copies a memory out as it is after all calls so far.
   *
   * @throws {Error} When the device has failed; says why.
   */
  async read(memory: WebGpuMemory): Promise<Float32Array> {
    this.#device.check();
    const bytes = 4 * memory.length;
    if (bytes === 0) return new Float32Array();
    this.#commands.flush();
    const staging = this.#take(bytes);
    const { gpu } = this.#device;
    const encoder = gpu.createCommandEncoder();
    const { buffer, offset } = memory;
    encoder.copyBufferToBuffer(buffer.gpu, offset, staging, 0, bytes);
    gpu.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (error) {
      throw await this.#device.explain(error);
    }
    const values = new Float32Array(staging.getMappedRange(0, bytes).slice(0));
    staging.unmap();
    this.#give(staging);
    await this.#device.settle();
    return values;
  }

  #take(bytes: number): GPUBuffer {
    const at = this.#idle.findIndex(({ size }) => size >= bytes);
    if (at >= 0) return this.#idle.splice(at, 1)[0];
    const size = bytes > KEPT_BYTES
      ? bytes
      : Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    return this.#device.gpu.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  #give(buffer: GPUBuffer): void {
    if (buffer.size > KEPT_BYTES) buffer.destroy();
    else this.#idle.push(buffer);
  }
}
