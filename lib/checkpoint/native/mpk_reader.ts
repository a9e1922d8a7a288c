/**
 * Checkpoints as files: which one a path means, and what to do where it is not
 * whole. What is in them is read by `checkpoint_reader.ts`.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { folderOf, withoutSlash } from "../../files.ts";
import { RWKV } from "../../model/rwkv.ts";
import { FileSource } from "../encoding/file_source.ts";
import type { Assumptions } from "./burn_layout.ts";
import { CheckpointReader, type Opening } from "./checkpoint_reader.ts";
import { checkpointName, checkpointsIn, resolveCheckpoint } from "./paths.ts";

export {
  type Opening,
  WEIGHTS,
  type WhichWeights,
} from "./checkpoint_reader.ts";

/** How a checkpoint is opened. */
export interface OpenOptions extends Opening {
  /**
   * Told of each checkpoint of a folder that is not whole, after which the one
   * before it is taken. Without this it is an error.
   */
  readonly onDamaged?: (error: Error) => void;
}

/**
 * A checkpoint that is open for reading. Its structure has been checked in
 * full; values are read when asked for, also after another file has taken its
 * place.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../../backend/reference/reference_backend.ts";
 * import { RWKVConfig } from "../../model/config.ts";
 * import { RWKV } from "../../model/rwkv.ts";
 * import { Checkpoint } from "./mpk_reader.ts";
 * import { saveModel } from "./mpk_writer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * const model = new RWKV(config, new ReferenceBackend());
 * const path = await Deno.makeTempDir() + "/model_final.mpk";
 * await saveModel(path, model);
 *
 * using checkpoint = await Checkpoint.open(path);
 * assertEquals(checkpoint.train, undefined);
 * checkpoint.loadInto(model);
 * ```
 */
export class Checkpoint extends CheckpointReader {
  /**
   * Opens a checkpoint; dispose of it to close the file.
   *
   * @param path As {@linkcode resolveCheckpoint} takes it.
   * @param options What is to be taken for granted where a file does not say,
   * and whether to pass over what is not whole.
   * @throws {SyntaxError} When it is malformed or incomplete.
   * @throws {Error} When it cannot be read.
   */
  static async open(
    path: string,
    { onDamaged, ...assume }: OpenOptions = {},
  ): Promise<Checkpoint> {
    const resolved = await resolveCheckpoint(path);
    const isFolder = resolved.startsWith(`${withoutSlash(path)}/`);
    if (onDamaged === undefined || !isFolder) {
      return await Checkpoint.#openFile(resolved, assume);
    }
    const folder = folderOf(resolved);
    const [newest, ...older] = await checkpointsIn(folder);
    // What has no others to be taken instead is looked at as it is read.
    const isNewest = resolved.endsWith(`/${checkpointName(newest)}`);
    if (!isNewest || older.length === 0) {
      return await Checkpoint.#openFile(resolved, assume);
    }
    const first = await wholeOr(
      () => Checkpoint.#openFile(resolved, assume),
    );
    if (first instanceof Checkpoint) return first;
    const passed = [first];
    for (const step of older) {
      const found = await wholeOr(() =>
        Checkpoint.#openFile(`${folder}/${checkpointName(step)}`, assume)
      );
      if (found instanceof Checkpoint) {
        passed.forEach(onDamaged);
        return found;
      }
      passed.push(found);
    }
    throw first;
  }

  /**
   * Opens a checkpoint for work that reads all of it, so that nothing is read
   * twice to find out whether it is whole: where the work finds that the newest
   * of a folder is not, it is done once more with the newest that is.
   *
   * @param path As {@linkcode resolveCheckpoint} takes it.
   * @param options As of {@linkcode Checkpoint.open}.
   * @param work What is to be done; leaves nothing behind when it fails.
   * @returns What the work returns; the file is closed then.
   * @throws {SyntaxError} When it is malformed or incomplete.
   * @throws {Error} When it cannot be read.
   */
  static async use<R>(
    path: string,
    { onDamaged, ...assume }: OpenOptions,
    work: (checkpoint: Checkpoint) => Promise<R>,
  ): Promise<R> {
    try {
      using checkpoint = await Checkpoint.open(path, assume);
      return await work(checkpoint);
    } catch (error) {
      if (onDamaged === undefined || !isDamage(error)) throw error;
      using whole = await Checkpoint.open(path, { ...assume, onDamaged });
      return await work(whole);
    }
  }

  static async #openFile(
    resolved: string,
    assume: Opening,
  ): Promise<Checkpoint> {
    const source = await FileSource.open(resolved, "checkpoint");
    try {
      return new Checkpoint(resolved, source, assume);
    } catch (error) {
      source[Symbol.dispose]();
      throw error;
    }
  }
}

/**
 * Opens a checkpoint and makes its model.
 *
 * @param path As {@linkcode resolveCheckpoint} takes it.
 * @param backend Where the model shall live.
 * @param options `training` to reserve gradients too, `assume` for files that
 * lack a configuration.
 * @throws {SyntaxError} When the file is malformed or incomplete.
 * @throws {Error} When it cannot be read.
 */
export async function loadModel(
  path: string,
  backend: Backend,
  { training = false, assume }: {
    readonly training?: boolean;
    readonly assume?: Assumptions;
  } = {},
): Promise<RWKV> {
  using checkpoint = await Checkpoint.open(path, assume);
  const { config, formats } = checkpoint;
  const model = new RWKV(config, backend, { training, formats });
  checkpoint.loadInto(model);
  return model;
}

/** Whether an error says that a checkpoint is not whole. */
function isDamage(error: unknown): boolean {
  return error instanceof SyntaxError &&
    error.message.startsWith("Cannot read checkpoint ");
}

/** A checkpoint of which all can be read, or what is wrong with it. */
async function wholeOr(
  open: () => Promise<Checkpoint>,
): Promise<Checkpoint | SyntaxError> {
  let checkpoint: Checkpoint | undefined;
  try {
    checkpoint = await open();
    checkpoint.verify();
    return checkpoint;
  } catch (error) {
    checkpoint?.[Symbol.dispose]();
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}
