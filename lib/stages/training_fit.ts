/**
 * Whether a training fits this machine, found out before it begins.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import type { RWKVConfig } from "../model/config.ts";
import {
  CPU_LIMIT,
  fitTraining,
  PROGRAM_MEMORY,
  shapeThatFits,
  type TrainingFit,
  type TrainingShape,
} from "../train/memory.ts";
import { type SystemMemory, systemMemory } from "./machine.ts";

/** What bounds a training's numbers: bytes, and the words for it. */
interface Bound {
  readonly bytes: number;
  readonly words: string;
}

/**
 * How a training is to be done here. Memory of a GPU is not known beforehand: if
 * it does not suffice, the run says so itself.
 *
 * @param model The model.
 * @param shape The shape of a micro-batch, and whether to recompute in any case.
 * @param backend Where.
 * @param memory What the machine has, where that is known.
 * @throws {RangeError} When it does not fit, naming what would.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { fitOrRefuse } from "./training_fit.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const model = RWKVConfig.ptbrMicro(), backend = new ReferenceBackend();
 * const shape = { batch: 8, time: 256 };
 * const memory = { total: 8e9, available: 6e9 };
 * assertEquals(fitOrRefuse(model, shape, backend, memory).recompute, false);
 * assertThrows(
 *   () => fitOrRefuse(model, shape, backend, { total: 8e9, available: 0.55e9 }),
 *   RangeError,
 *   "0.6 of 8.0 GB are free; try --batch-size",
 * );
 * ```
 */
export function fitOrRefuse(
  model: RWKVConfig,
  shape: TrainingShape & { readonly recompute?: boolean },
  backend: Backend,
  memory: SystemMemory | undefined = systemMemory(),
): TrainingFit {
  const bound = boundOf(backend, memory);
  const fit = fitTraining(model, shape, bound?.bytes ?? Infinity);
  if (fit.fits) return fit;
  const { batch, time } = shape;
  const smaller = shapeThatFits(model, shape, bound!.bytes);
  const needed = inGigabytes(fit.bytes + PROGRAM_MEMORY);
  throw new RangeError(
    `Cannot train with ${batch} windows of ${time} tokens: they take ${needed} GB and ${
      bound!.words
    }; ${
      smaller === undefined
        ? "only a smaller model would fit"
        : `try --batch-size ${smaller.batch} --seq-len ${smaller.time}`
    }`,
  );
}

/** The narrowest bound; undefined where none is known. */
function boundOf(
  { name }: Backend,
  memory: SystemMemory | undefined,
): Bound | undefined {
  if (name === "webgpu") return undefined;
  const bounds: Bound[] = [];
  if (name === "cpu") {
    bounds.push({
      bytes: CPU_LIMIT,
      words: `the cpu backend can use ${inGigabytes(CPU_LIMIT)}`,
    });
  }
  if (memory !== undefined) {
    const free = inGigabytes(memory.available);
    bounds.push({
      bytes: memory.available - PROGRAM_MEMORY,
      words: `${free} of ${inGigabytes(memory.total)} GB are free`,
    });
  }
  return bounds.sort((a, b) => a.bytes - b.bytes)[0];
}

function inGigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
