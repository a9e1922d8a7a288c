/**
 * Energy that the processor has taken, where Linux tells it (RAPL). The counters
 * stand below `/sys`, which Deno opens only to programs that may do everything,
 * and newer kernels only to root.
 *
 * @module
 */

import { isGranted } from "../../permissions.ts";

const COUNTERS = "/sys/class/powercap";
/** The whole of a processor; its parts have a second number. */
const PACKAGE = /^intel-rapl:\d+$/;

/** A counter in microjoules, which begins anew when it is full. */
interface Counter {
  readonly path: string;
  readonly range: number;
  last: number;
}

/**
 * Adds up what counters say. They are full after some minutes at the earliest,
 * and have to be looked at more often than that.
 */
export class EnergyMeter {
  readonly #counters: readonly Counter[];
  #joules = 0;

  private constructor(counters: readonly Counter[]) {
    this.#counters = counters;
  }

  /**
   * Finds the counters.
   *
   * @param folder Where they are.
   * @returns A meter that begins at zero; undefined where there is none that may
   * be read.
   */
  static async open(folder = COUNTERS): Promise<EnergyMeter | undefined> {
    if (!isGranted({ name: "read", path: folder })) return undefined;
    const counters: Counter[] = [];
    try {
      for await (const { name } of Deno.readDir(folder)) {
        if (!PACKAGE.test(name)) continue;
        const path = `${folder}/${name}/energy_uj`;
        const range = await numberIn(`${folder}/${name}/max_energy_range_uj`);
        counters.push({ path, range, last: await numberIn(path) });
      }
    } catch {
      return undefined; // another system, or not ours to know
    }
    return counters.length === 0 ? undefined : new EnergyMeter(counters);
  }

  /** Joules since it was opened. */
  async read(): Promise<number> {
    for (const counter of this.#counters) {
      const now = await numberIn(counter.path);
      const taken = now - counter.last;
      this.#joules += (taken < 0 ? taken + counter.range : taken) / 1e6;
      counter.last = now;
    }
    return this.#joules;
  }
}

async function numberIn(path: string): Promise<number> {
  return Number(await Deno.readTextFile(path));
}
