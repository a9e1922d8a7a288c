/**
 * What a run does when steps in a row have gradients that are not finite: it
 * goes back to its last checkpoint, leaves out the data and lowers its rate.
 * Where there is no checkpoint it goes back to before those steps, which have
 * changed no weights.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import { checkpointName, checkpointsIn } from "../checkpoint/native/paths.ts";
import type { UnloggedSteps } from "../checkpoint/native/train_state.ts";
import { folderOf } from "../files.ts";
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

/** Where a run stood before a step. */
export interface BeforeStep {
  /** Steps done. */
  readonly step: number;
  /** Tokens learnt from. */
  readonly tokens: number;
  /** The window that the step began with. */
  readonly position: number;
  /** What no line of the log had told. */
  readonly unlogged: UnloggedSteps | undefined;
}

/** Where a run goes back to. */
interface RewindOptions {
  /** The last checkpoint, if there is one. */
  readonly checkpoint: string | undefined;
  /** The run: no checkpoint of another is taken. */
  readonly run: string | undefined;
  /** The window that the data go on with. */
  readonly position: number;
  /** Told of a checkpoint that cannot be read and is passed over. */
  readonly onDamaged?: (error: Error) => void;
}

/** What going back has led to. */
export interface Rewound {
  /** From where to where. */
  readonly rewind: Rewind;
  /** The checkpoint that was taken; none where the weights were kept. */
  readonly checkpoint: string | undefined;
  /** What no line of the log tells there. */
  readonly unlogged: UnloggedSteps | undefined;
}

/** Counts steps that were skipped, and goes back when they are too many. */
export class Rewinder {
  #skipped = 0;
  #rewinds = 0;
  /** The step that has to be passed until a rewind has helped. */
  #failedAt = 0;
  /** Before the first of the skipped steps. */
  #sound?: BeforeStep;

  /**
   * Takes note of a step.
   *
   * @param step What it did.
   * @param before Where the run stood before it.
   * @returns Whether so many were skipped in a row that it is time to go back.
   */
  add(
    { step, skipped }: { readonly step: number; readonly skipped: boolean },
    before: BeforeStep,
  ): boolean {
    if (!skipped) {
      this.#skipped = 0;
      if (step > this.#failedAt) this.#rewinds = 0;
      return false;
    }
    if (this.#skipped === 0) this.#sound = before;
    return ++this.#skipped === MAX_SKIPPED;
  }

  /**
   * Goes back to a checkpoint: the last one that is whole. Where there is none
   * the weights stay as they are, and the skipped steps are not counted.
   *
   * @param trainer Takes over what the checkpoint has, but for the rate.
   * @param options Where to.
   * @throws {Error} When going back has not helped before.
   */
  async rewind(trainer: Trainer, options: RewindOptions): Promise<Rewound> {
    const from = trainer.step, sound = this.#sound!;
    if (this.#rewinds === MAX_REWINDS) throw diverged(from, options.checkpoint);
    const rateScale = trainer.rateScale * LOWERED;
    using checkpoint = await wholeCheckpoint(options);
    if (checkpoint === undefined) {
      trainer.step = sound.step;
      trainer.tokens = sound.tokens;
    } else {
      trainer.loadCheckpoint(checkpoint);
    }
    trainer.rateScale = rateScale;
    trainer.forgetStates(); // the data go on elsewhere
    this.#rewinds++;
    this.#skipped = 0;
    this.#failedAt = Math.max(this.#failedAt, from);
    const skippedData = [sound.position, options.position] as const;
    return {
      rewind: { from, to: trainer.step, skippedData, rateScale },
      checkpoint: checkpoint?.path,
      unlogged: (checkpoint?.train ?? sound).unlogged,
    };
  }
}

/** The last checkpoint that can be read to its end, or one of the run before it. */
async function wholeCheckpoint(
  { checkpoint: last, run, onDamaged }: RewindOptions,
): Promise<Checkpoint | undefined> {
  if (last === undefined) return undefined;
  const folder = folderOf(last);
  const paths = (await checkpointsIn(folder))
    .map((step) => `${folder}/${checkpointName(step)}`);
  const older = paths.slice(paths.indexOf(last) + 1);
  for (const path of [last, ...older]) {
    let checkpoint: Checkpoint | undefined;
    try {
      checkpoint = await Checkpoint.open(path);
      if (path === last || checkpoint.train?.run === run) {
        checkpoint.verify();
        return checkpoint;
      }
    } catch (error) {
      onDamaged?.(error as Error);
    }
    checkpoint?.[Symbol.dispose]();
  }
  return undefined;
}

function diverged(step: number, checkpoint: string | undefined): Error {
  return new Error(
    `Cannot go on training: the gradients of ${MAX_SKIPPED} steps in a row, up to step ${step}, were not finite; ` +
      (checkpoint === undefined
        ? "use a lower learning rate"
        : `going back to ${checkpoint} with lower rates has not helped ${MAX_REWINDS} times`),
  );
}
