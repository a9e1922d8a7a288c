/**
 * What `build-corpus` has found out so far: the parts of the analysis, which
 * lie in the corpus's folder until it is published. Each file is whole or not
 * there, so whoever was interrupted goes on after the last one.
 *
 * @module
 */

import { reasonOf, writeFileAtomic } from "../../files.ts";
import type { CorpusFolder } from "../output/corpus_folder.ts";
import { decodePart, encodePart, type Part } from "./analysis.ts";

/** The state of one corpus. */
export class BuildState {
  /** Where the parts lie, and the files that are not in their place yet. */
  readonly folder: CorpusFolder;
  /** How many parts there are. */
  parts = 0;

  private constructor(folder: CorpusFolder) {
    this.folder = folder;
  }

  /** Finds the parts that lie in a corpus's folder. */
  static async open(folder: CorpusFolder): Promise<BuildState> {
    const state = new BuildState(folder);
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

  #partPath(number: number): string {
    return this.folder.staged(`part_${String(number).padStart(6, "0")}.bin`);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
