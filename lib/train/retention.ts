/**
 * The room that checkpoints take: whether there is enough of it, and which of
 * them may go.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { checkpointName, checkpointsIn } from "../checkpoint/native/paths.ts";
import { removeIfThere, renameDurably } from "../files.ts";

/** Bytes that the system shall have left when a file is written. */
const RESERVE = 16e6;
/** Bytes of a number in a file. */
const NUMBER_BYTES = 4;

/**
 * What the files of a run take, about, in bytes.
 *
 * @param parameters Trainable values of the model.
 * @param kept Values that the optimizer keeps besides; see `keptValues`.
 *
 * @example
 * ```ts
 * import { bytesOnDisk } from "./retention.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bytesOnDisk(1e6, 2e6), { model: 4e6, checkpoint: 12e6 });
 * ```
 */
export function bytesOnDisk(
  parameters: number,
  kept: number,
): { readonly model: number; readonly checkpoint: number } {
  const model = parameters * NUMBER_BYTES;
  return { model, checkpoint: model + kept * NUMBER_BYTES };
}

/**
 * What a run may write of what is free: some is left to the system.
 *
 * @param free Bytes that are free; undefined where nobody knows.
 *
 * @example
 * ```ts
 * import { roomOf } from "./retention.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([roomOf(1e9), roomOf(1e6), roomOf(undefined)], [
 *   984e6,
 *   0,
 *   undefined,
 * ]);
 * ```
 */
export function roomOf(free: number | undefined): number | undefined {
  return free === undefined ? undefined : Math.max(0, free - RESERVE);
}

/**
 * Refuses to write what does not fit on the disk.
 *
 * @param folder Where it shall go.
 * @param bytes How much it is.
 * @param free Bytes that are free there; taken to be enough where nobody knows.
 * @throws {RangeError} When it does not fit.
 *
 * @example
 * ```ts
 * import { assertRoom } from "./retention.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => assertRoom("checkpoints", 2e9, 1e9),
 *   RangeError,
 *   'Cannot save into "checkpoints": 2.0 GB are needed, and 1.0 GB are free',
 * );
 * ```
 */
export function assertRoom(
  folder: string,
  bytes: number,
  free: number | undefined,
): void {
  const room = roomOf(free);
  if (room === undefined || room >= bytes) return;
  const inWords = (bytes: number) =>
    bytes < 1e8
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(1)} GB`;
  throw new RangeError(
    `Cannot save into "${folder}": ${inWords(bytes)} are needed, and ${
      inWords(room)
    } are free besides ${inWords(RESERVE)} that are left to the system`,
  );
}

/**
 * Removes the older checkpoints of a run. Nothing else goes: no model, none of
 * another run, none that cannot be read, none of later steps.
 *
 * @param folder Where they are.
 * @param options How many to keep, up to which step, and of which run.
 */
export async function keepLast(
  folder: string,
  { keep, step, run }: {
    readonly keep: number;
    readonly step: number;
    readonly run: string | undefined;
  },
): Promise<void> {
  const steps = await checkpointsIn(folder);
  const older = steps.filter((other) => other <= step).slice(keep);
  for (const step of older) {
    const path = `${folder}/${checkpointName(step)}`;
    if (await isOfRun(path, run)) await removeIfThere(path);
  }
}

/** What the name of a damaged checkpoint that is set aside ends with. */
const DAMAGED = ".damaged";

/**
 * Renames checkpoints of later steps that are damaged: they would be taken for
 * the newest of the folder.
 *
 * @param folder Where they are.
 * @param step The step after which they are later.
 * @returns What is wrong with each.
 * @throws {Error} When one cannot be renamed.
 */
export async function setAsideDamaged(
  folder: string,
  step: number,
): Promise<Error[]> {
  const errors: Error[] = [];
  const later = (await checkpointsIn(folder)).filter((other) => other > step);
  for (const other of later) {
    const path = `${folder}/${checkpointName(other)}`;
    const error = await damageOf(path);
    if (error === undefined) continue;
    await renameDurably(path, path + DAMAGED);
    errors.push(error);
  }
  return errors;
}

/** What is wrong with a checkpoint that can be read, but not to its end. */
async function damageOf(path: string): Promise<SyntaxError | undefined> {
  try {
    using checkpoint = await Checkpoint.open(path);
    checkpoint.verify();
  } catch (error) {
    if (error instanceof SyntaxError) return error;
  }
  return undefined;
}

async function isOfRun(
  path: string,
  run: string | undefined,
): Promise<boolean> {
  try {
    using checkpoint = await Checkpoint.open(path);
    return checkpoint.train !== undefined && checkpoint.train.run === run;
  } catch {
    return false;
  }
}
