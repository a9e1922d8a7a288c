/**
 * Timing calls of the WebGPU backend, and the rows that a benchmark prints.
 *
 * @module
 */

import type { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";

/** One figure. */
export interface Row {
  /** What kind of figure: "products", "training", ... */
  readonly section: string;
  /** Of what; the PyTorch side uses the same names. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** More about it, for people. */
  readonly note?: string;
}

/** Prints rows as they come and keeps them for `--json`. */
export class Report {
  readonly rows: Row[] = [];
  #section = "";

  /** Adds a row. */
  add(row: Row): void {
    this.rows.push(row);
    const { section, name, value, unit, note = "" } = row;
    if (section !== this.#section) console.log(`\n${section}`);
    this.#section = section;
    const figure = value < 1000 ? value.toPrecision(3) : value.toFixed(0);
    const line = [name.padEnd(34), figure.padStart(10), unit.padEnd(8), note];
    console.log(`  ${line.join(" ").trimEnd()}`);
  }
}

/** Milliseconds until some work is done, by calls that only enqueue it. */
async function elapsed(backend: WebGpuBackend, work: () => void) {
  const flag = backend.alloc(1);
  const start = performance.now();
  work();
  await backend.read(flag);
  return performance.now() - start;
}

/**
 * Milliseconds that a call takes when it is repeated, the wait for the device
 * taken off.
 *
 * @param backend Where.
 * @param call What; enqueues only.
 * @param shortest How long it is repeated at least, in ms.
 */
export async function timeOf(
  backend: WebGpuBackend,
  call: () => void,
  shortest: number,
): Promise<number> {
  await elapsed(backend, call); // compiles
  const wait = await elapsed(backend, () => {});
  for (let count = 1;; count *= 2) {
    const taken = await elapsed(backend, () => {
      for (let i = 0; i < count; i++) call();
    }) - wait;
    if (taken >= shortest || count >= 2 ** 20) return taken / count;
  }
}
