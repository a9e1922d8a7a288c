/**
 * Input and output that lie apart.
 *
 * @module
 */

import { overlapOf } from "../../input_files.ts";
import { UsageError } from "./options.ts";

/**
 * Refuses an output inside the input or around it: it would be read as input
 * the next time, or written over it.
 *
 * @param roots The input, as `listFiles()` tells it.
 * @param output The folder to write.
 * @throws {UsageError} Where they overlap.
 */
export async function refuseOverlap(
  roots: readonly string[],
  output: string,
): Promise<void> {
  const overlap = await overlapOf(roots, output);
  if (overlap === undefined) return;
  throw new UsageError(
    `--output "${output}" and --input "${overlap}" must lie apart`,
  );
}
