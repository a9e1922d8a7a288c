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
    while (await folder.isStaged(nameOf(state.parts))) state.parts++;
    return state;
  }

  /** Adds a part. */
  async addPart(part: Part): Promise<void> {
    const path = this.folder.staged(nameOf(this.parts));
    await writeFileAtomic(path, encodePart(part));
    this.parts++;
  }

  /** Reads a part. */
  async readPart(number: number): Promise<Part> {
    const path = this.folder.staged(nameOf(number));
    try {
      return decodePart(await Deno.readFile(path));
    } catch (error) {
      throw new Error(
        `Cannot read "${path}": ${reasonOf(error)}; --restart begins anew`,
        { cause: error },
      );
    }
  }
}

/** The name of a part's file. */
function nameOf(part: number): string {
  return `part_${String(part).padStart(6, "0")}.bin`;
}
