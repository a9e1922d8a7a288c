/**
 * What can be done when the device fails while a run is under way: which size
 * would have fitted, where the run can go on.
 *
 * @module
 */

import type { Backend } from "../backend/backend.ts";
import { OutOfMemoryError } from "../backend/out_of_memory.ts";
import { WebGpuBackend } from "../backend/webgpu/webgpu_backend.ts";
import { newestCheckpoint } from "../checkpoint/native/paths.ts";
import type { RWKVConfig } from "../model/config.ts";
import { shapeThatFits, type TrainingShape } from "../train/memory.ts";

/** Share of a device's memory that an estimate may fill; the rest is its error. */
const KNOWN_SHARE = 0.9;

/**
 * Why the device of a run is gone.
 *
 * @param backend Where the run was when it failed.
 * @returns What the driver says; undefined where that is not why it failed.
 */
export async function lossOf(backend: Backend): Promise<string | undefined> {
  if (!(backend instanceof WebGpuBackend)) return undefined;
  const { device } = backend;
  await device.settle().catch(() => {}); // known already
  return device.loss;
}

/**
 * The error to show for one that ended a run.
 *
 * @param error What was thrown.
 * @param backend Where the run was.
 * @param run What was trained, with how many tokens at a time, whether blocks
 * were recomputed, and into which folder of checkpoints.
 * @returns The same error where it was no failure of a device.
 */
export async function explainFailure(
  error: unknown,
  backend: Backend,
  { model, shape, recompute, output }: {
    model: RWKVConfig;
    shape: TrainingShape;
    recompute: boolean;
    output: string;
  },
): Promise<unknown> {
  if (!(backend instanceof WebGpuBackend)) return error;
  // What failed first may be known only once the device has settled.
  const cause = await backend.device.settle().then(
    () => error,
    (first) => first,
  );
  const [, reason] = /^Cannot compute: (.*)$/.exec((cause as Error).message) ??
    [];
  if (reason === undefined) return cause;
  const newest = await newestCheckpoint(output);
  const end = newest === undefined ? "" : `; ${output}/${newest} is whole`;
  if (!(cause instanceof OutOfMemoryError)) {
    return new Error(`Cannot go on training: ${reason}${end}`, { cause });
  }
  const fits = shapeThatFits(model, shape, cause.bytes * KNOWN_SHARE);
  return new Error(
    `Cannot train with ${shape.batch} windows of ${shape.time} tokens: ` +
      `${reason}; ${advice(shape, recompute, fits)}${end}`,
    { cause },
  );
}

function advice(
  shape: TrainingShape,
  recompute: boolean,
  fits?: TrainingShape,
): string {
  if (fits === undefined) return "only a smaller model would fit";
  const flags = recompute ? [] : ["--recompute"];
  if (fits.batch < shape.batch || fits.time < shape.time) {
    flags.push(`--batch-size ${fits.batch}`, `--seq-len ${fits.time}`);
  }
  // The estimate says that it fits already: something else takes memory too.
  if (flags.length === 0) return "other programs may hold some of its memory";
  return `${flags.join(" ")} would fit`;
}
