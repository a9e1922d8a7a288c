/**
 * How far a step moves the weights: the norm of its change over the norm of the
 * weights before it. About 1e-3 is usual; much more is a rate that is too high,
 * much less one that hardly learns.
 *
 * @module
 */

import type { Backend, Memory } from "../backend/backend.ts";
import type { ParameterSet } from "../model/parameters.ts";

/** Values that are looked at, about; all of them where there are no more. */
const SAMPLE = 2 ** 20;
/** Values that are copied at once. */
const BLOCK = 4096;

/** Weights that the optimiser treats alike, as far as they are looked at. */
interface Part {
  /** Where they stand. */
  readonly blocks: readonly Memory[];
  /** How many they are. */
  readonly length: number;
  /** How many weights each of them stands for. */
  readonly share: number;
}

/**
 * Measures steps. Of a large model it looks at blocks at even distances, which
 * are gathered on the device and read at once; nothing is written but memory of
 * its own, so that a measured step gives the same bits.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { UpdateRatio } from "./update_ratio.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
 * const backend = new ReferenceBackend();
 * const model = new RWKV(config, backend, { training: true });
 * model.initialize(1);
 * const ratio = new UpdateRatio(backend, model.parameters);
 * await ratio.begin();
 * for (const { data } of model.parameters) {
 *   const values = await backend.read(data);
 *   backend.write(data, values.map((value) => 1.01 * value));
 * }
 * assertAlmostEquals(await ratio.end(), 0.01, 1e-6);
 * ```
 */
export class UpdateRatio {
  readonly #backend: Backend;
  readonly #parts: readonly Part[];
  readonly #gathered: Memory;
  #before: Float32Array = new Float32Array();

  /**
   * Reserves room for what it looks at.
   *
   * @param backend Where the weights are.
   * @param parameters Those of a model that is trained.
   */
  constructor(backend: Backend, parameters: ParameterSet) {
    this.#backend = backend;
    const every = Math.ceil(parameters.flatLength / SAMPLE);
    this.#parts = parameters.groups.map(({ data }) =>
      partOf(backend, data, every)
    );
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    this.#gathered = backend.alloc(length);
  }

  /** Before a step: remembers the weights. */
  async begin(): Promise<void> {
    this.#before = await this.#weights();
  }

  /** After it: the norm of the change over the norm of the weights before. */
  async end(): Promise<number> {
    const before = this.#before, after = await this.#weights();
    let at = 0, squaredChange = 0, squaredNorm = 0;
    for (const { length, share } of this.#parts) {
      let change = 0, norm = 0;
      for (const end = at + length; at < end; at++) {
        const weight = before[at];
        change += (after[at] - weight) ** 2;
        norm += weight ** 2;
      }
      squaredChange += share * change;
      squaredNorm += share * norm;
    }
    return Math.sqrt(squaredChange / squaredNorm);
  }

  async #weights(): Promise<Float32Array> {
    const backend = this.#backend, gathered = this.#gathered;
    backend.run("fill", { out: gathered }, { value: 0 });
    let at = 0;
    for (const x of this.#parts.flatMap(({ blocks }) => blocks)) {
      backend.run("add", { out: backend.slice(gathered, at, x.length), x });
      at += x.length;
    }
    return await backend.read(gathered);
  }
}

/** One of so many blocks of a memory, the first one in any case. */
function partOf(backend: Backend, memory: Memory, every: number): Part {
  const blocks: Memory[] = [];
  for (let at = 0; at < memory.length; at += every * BLOCK) {
    const length = Math.min(BLOCK, memory.length - at);
    blocks.push(backend.slice(memory, at, length));
  }
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  return { blocks, length, share: memory.length / length };
}
