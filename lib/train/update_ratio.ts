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
  /** Where they are gathered; absent where they are one block. */
  readonly gathered?: Memory;
  /** How many weights each of them stands for. */
  readonly share: number;
}

/**
 * Measures steps. Of a large model it looks at blocks at even distances, which
 * are gathered on the device, and writes nothing but memory of its own, so that a
 * measured step gives the same bits.
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
 * assertAlmostEquals((await ratio.end())!, 0.01, 1e-6);
 * ```
 */
export class UpdateRatio {
  readonly #backend: Backend;
  readonly #parts: readonly Part[];
  /** The weights of each part. */
  #before: readonly Float32Array[] = [];

  /**
   * Reserves room for what is gathered; nothing for a small model.
   *
   * @param backend Where the weights are.
   * @param parameters Those of a model that is trained.
   */
  constructor(backend: Backend, parameters: ParameterSet) {
    this.#backend = backend;
    const every = Math.ceil(parameters.trainedLength / SAMPLE);
    this.#parts = parameters.groups.map(({ data }) =>
      every === 1 ? { blocks: [data], share: 1 } : partOf(backend, data, every)
    );
  }

  /** Before a step: remembers the weights. */
  async begin(): Promise<void> {
    this.#before = await this.#weights();
  }

  /**
   * After it: the norm of the change over the norm of the weights before.
   *
   * @returns Undefined where those were all zero.
   */
  async end(): Promise<number | undefined> {
    const after = await this.#weights();
    let squaredChange = 0, squaredNorm = 0;
    for (const [part, { share }] of this.#parts.entries()) {
      const was = this.#before[part], is = after[part];
      let change = 0, norm = 0;
      for (let i = 0; i < was.length; i++) {
        change += (is[i] - was[i]) ** 2;
        norm += was[i] ** 2;
      }
      squaredChange += share * change;
      squaredNorm += share * norm;
    }
    return squaredNorm === 0
      ? undefined
      : Math.sqrt(squaredChange / squaredNorm);
  }

  async #weights(): Promise<Float32Array[]> {
    const backend = this.#backend;
    const found: Float32Array[] = [];
    for (const { blocks, gathered } of this.#parts) {
      if (gathered !== undefined) gather(backend, gathered, blocks);
      found.push(await backend.read(gathered ?? blocks[0]));
    }
    return found;
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
  const gathered = backend.alloc(length);
  return { blocks, gathered, share: memory.length / length };
}

/** Copies blocks into a memory, one after another. */
function gather(
  backend: Backend,
  into: Memory,
  blocks: readonly Memory[],
): void {
  backend.run("fill", { out: into }, { value: 0 });
  let at = 0;
  for (const x of blocks) {
    backend.run("add", { out: backend.slice(into, at, x.length), x });
    at += x.length;
  }
}
