/**
 * What `build-corpus` has done so far, in a folder beside what it will write:
 * the plan it follows, and the parts of the analysis. Each file is whole or not
 * there, so whoever was interrupted goes on after the last one.
 *
 * @module
 */

import { reasonOf, writeFileAtomic } from "../../files.ts";
import { decodePart, encodePart, type Part } from "./analysis.ts";

/** The folder within the corpus's own. */
const FOLDER = ".unfinished";
const PLAN = "plan.json";

/** The state of one corpus. */
export class BuildState {
  /** Where the state lies, and what is not in its place yet. */
  readonly folder: string;
  /** How many parts there are. */
  parts = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Opens the state of a corpus, or begins it.
   *
   * @param corpus The corpus's folder, made where needed.
   * @param plan What the result depends on.
   * @param restart Whether to forget what was done before.
   * @throws {Error} When it was begun by another plan, or cannot be written.
   */
  static async open(
    corpus: string,
    plan: string,
    restart: boolean,
  ): Promise<BuildState> {
    const state = new BuildState(`${corpus}/${FOLDER}`);
    try {
      if (restart) await state.remove();
      await Deno.mkdir(state.folder, { recursive: true });
    } catch (error) {
      throw new Error(`Cannot write into "${corpus}": ${reasonOf(error)}`, {
        cause: error,
      });
    }
    const path = `${state.folder}/${PLAN}`;
    const before = await readIfThere(path);
    if (before === undefined) {
      await writeFileAtomic(path, plan);
    } else if (new TextDecoder().decode(before) !== plan) {
      throw new Error(
        `Cannot continue in "${corpus}": the recipe or its sources have ` +
          "changed since it was begun; --restart begins anew",
      );
    }
    while (await isThere(state.#partPath(state.parts))) state.parts++;
    return state;
  }

  /** Adds a part. */
  async addPart(part: Part): Promise<void> {
    await writeFileAtomic(this.#partPath(this.parts), encodePart(part));
    this.parts++;
  }

  /** Reads a part. */
  async readPart(number: number): Promise<Part> {
    const path = this.#partPath(number);
    try {
      return decodePart(await Deno.readFile(path));
    } catch (error) {
      throw new Error(
        `Cannot read "${path}": ${reasonOf(error)}; --restart begins anew`,
        { cause: error },
      );
    }
  }

  /** Forgets all. */
  async remove(): Promise<void> {
    await Deno.remove(this.folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  #partPath(number: number): string {
    return `${this.folder}/part_${String(number).padStart(6, "0")}.bin`;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
