/**
 * What a run does when steps in a row have gradients that are not finite: it
 * goes back to its last checkpoint, leaves out the data and lowers its rate.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import type { Trainer } from "./trainer.ts";

/** This many steps in a row without finite gradients are too many. */
const MAX_SKIPPED = 10;
/** So often a run goes back without coming further than it was. */
const MAX_REWINDS = 3;
/** What becomes of the learning rate each time. */
const LOWERED = 0.5;

/** That a run went back. */
export interface Rewind {
  /** The step it was at. */
  readonly from: number;
  /** The step of the checkpoint that it went back to. */
  readonly to: number;
  /** The training windows that are left out: from the first to before the last. */
  readonly skippedData: readonly [number, number];
  /** What the learning rates of the schedule are multiplied by from then on. */
  readonly rateScale: number;
}

/** Counts steps that were skipped, and goes back when they are too many. */
export class Rewinder {
  #skipped = 0;
  #rewinds = 0;
  /** The step that has to be passed until a rewind has helped. */
  #failedAt = 0;
  /** The window that the first of the skipped steps began with. */
  #first = 0;

  /**
   * Takes note of a step.
   *
   * @param step What it did.
   * @param position The window it began with.
   * @returns Whether so many were skipped in a row that it is time to go back.
   */
  add(
    { step, skipped }: { readonly step: number; readonly skipped: boolean },
    position: number,
  ): boolean {
    if (!skipped) {
      this.#skipped = 0;
      if (step > this.#failedAt) this.#rewinds = 0;
      return false;
    }
    if (this.#skipped === 0) this.#first = position;
    return ++this.#skipped === MAX_SKIPPED;
  }

  /**
   * Goes back to a checkpoint.
   *
   * @param trainer Takes over what the checkpoint has, but for the rate.
   * @param options The file, and the window that the data go on with.
   * @throws {Error} When there is none, or going back has not helped before.
   */
  async rewind(
    trainer: Trainer,
    { checkpoint: path, position }: {
      readonly checkpoint: string | undefined;
      readonly position: number;
    },
  ): Promise<Rewind> {
    const from = trainer.step;
    if (path === undefined || this.#rewinds === MAX_REWINDS) {
      throw diverged(from, path);
    }
    const rateScale = trainer.rateScale * LOWERED;
    using checkpoint = await Checkpoint.open(path);
    trainer.loadCheckpoint(checkpoint);
    trainer.rateScale = rateScale;
    this.#rewinds++;
    this.#skipped = 0;
    this.#failedAt = Math.max(this.#failedAt, from);
    const skippedData = [this.#first, position] as const;
    return { from, to: trainer.step, skippedData, rateScale };
  }
}

function diverged(step: number, checkpoint: string | undefined): Error {
  return new Error(
    `Cannot go on training: the gradients of ${MAX_SKIPPED} steps in a row, up to step ${step}, were not finite; ` +
      (checkpoint === undefined
        ? "use a lower learning rate"
        : `going back to ${checkpoint} with lower rates has not helped ${MAX_REWINDS} times`),
  );
}
