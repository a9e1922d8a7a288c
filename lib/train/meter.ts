/**
 * What a run measures of its steps: their loss and their speed, by a clock that
 * nobody sets. Where it goes on while the machine sleeps, as on Windows, or the
 * program is stopped, the gap is left out.
 *
 * @module
 */

import type {
  AwaitingLine,
  UnloggedSteps,
} from "../checkpoint/native/train_state.ts";
import type { Batch } from "../dataset/data_loader.ts";
import type { TrainingProgress } from "./run.ts";
import type { RunLogEntry } from "./run_log.ts";
import type { StepResult } from "./trainer.ts";

/** What a line of the log has from here. */
type Measured =
  | "step"
  | "loss"
  | "gradientNorm"
  | "learningRate"
  | "tokensPerSecond"
  | "updateRatio"
  | "slowestRank"
  | "slowestSeconds"
  | "othersSeconds"
  | "skipped"
  | "skippedAt";

/**
 * A step that seems to take so many times the mean of those before, and so many
 * ms more, was no work: the machine slept, or the program was stopped.
 */
const GAP = { times: 10, more: 10_000 };

/** What a line says of its step. */
export type StepLine =
  & Pick<StepResult, "step" | "gradientNorm" | "learningRate" | "slowest">
  & Pick<AwaitingLine, "updateRatio">;

/** Means between two lines of the log, and the speed of the steps alone. */
export class Meter {
  /** Mean loss of the line before, or so far where there was none. */
  loss?: number;
  #awaiting?: AwaitingLine;
  #started = 0;
  /** Tokens of the step under way. */
  #begun = 0;
  #lastLoss?: number;
  #milliseconds = 0;
  #stepsTimed = 0;
  #tokens = 0;
  #sum = 0;
  #steps = 0;
  #skippedAt: number[] = [];
  #since = { milliseconds: 0, tokens: 0 };

  /** @param unlogged Steps that an earlier process of the run has not logged. */
  constructor(unlogged?: UnloggedSteps) {
    this.goBack(unlogged);
  }

  /**
   * Forgets the steps since a state that the run goes back to.
   *
   * @param unlogged Steps that were done there and not logged.
   */
  goBack(unlogged: UnloggedSteps | undefined): void {
    this.#sum = unlogged?.loss ?? 0;
    this.#steps = unlogged?.steps ?? 0;
    this.#skippedAt = [...unlogged?.skippedAt ?? []];
    this.#awaiting = unlogged?.awaiting;
  }

  /** The line that has all but its validation, which was ended early. */
  get awaiting(): AwaitingLine | undefined {
    return this.#awaiting;
  }

  /** Keeps what a line says until its validation is done, by another process. */
  keep({ gradientNorm, learningRate, updateRatio }: StepLine): void {
    this.#awaiting ??= {
      gradientNorm,
      learningRate,
      ...(updateRatio !== undefined && { updateRatio }),
      tokensPerSecond: this.#recentSpeed(),
    };
  }

  /** The steps since the last line of the log, where there are some. */
  get unlogged(): UnloggedSteps | undefined {
    const skippedAt = [...this.#skippedAt];
    const loss = this.#sum, steps = this.#steps, awaiting = this.#awaiting;
    if (awaiting !== undefined) return { loss, steps, skippedAt, awaiting };
    if (steps === 0 && skippedAt.length === 0) return undefined;
    return { loss, steps, skippedAt };
  }

  /** Steps of this run, without what happens between them. */
  get tokensPerSecond(): number {
    return 1000 * this.#tokens / Math.max(1e-3, this.#milliseconds);
  }

  /** How far this run is, the micro-batches of the step under way included. */
  get status(): Pick<TrainingProgress, "loss" | "tokens" | "seconds"> {
    const isRunning = this.#begun > 0;
    const milliseconds = this.#milliseconds +
      (isRunning ? this.#elapsed() : 0);
    return {
      loss: this.#lastLoss,
      tokens: this.#tokens + this.#begun,
      seconds: milliseconds / 1000,
    };
  }

  /** A step begins. */
  start(): void {
    this.#started = performance.now();
    this.#begun = 0;
  }

  /**
   * A micro-batch of the step begins.
   *
   * @param batch What is learnt from.
   * @param ranks How many begin one.
   */
  begin({ inputs }: Batch, ranks = 1): void {
    this.#begun += inputs.length * ranks;
  }

  /**
   * A step is done.
   *
   * @param result What it did.
   * @param position The window that it began with.
   */
  add({ loss, tokens, skipped }: StepResult, position: number): void {
    this.#milliseconds += this.#elapsed();
    this.#stepsTimed++;
    this.#begun = 0;
    this.#tokens += tokens;
    this.#lastLoss = loss;
    if (skipped) {
      this.#skippedAt.push(position);
    } else {
      this.#sum += loss;
      this.#steps++;
    }
  }

  /** The line of the log since the one before. */
  entry(
    { step, gradientNorm, learningRate, updateRatio, slowest }: StepLine,
  ): Pick<RunLogEntry, Measured> {
    const tokensPerSecond = this.#awaiting?.tokensPerSecond ??
      this.#recentSpeed();
    this.#awaiting = undefined;
    this.#since = { milliseconds: this.#milliseconds, tokens: this.#tokens };
    this.loss = this.#sum / Math.max(1, this.#steps);
    const skippedAt = this.#skippedAt;
    this.#sum = this.#steps = 0;
    this.#skippedAt = [];
    return {
      step,
      loss: this.loss,
      gradientNorm,
      learningRate,
      tokensPerSecond,
      ...(updateRatio !== undefined && { updateRatio }),
      ...(slowest !== undefined && {
        slowestRank: slowest.rank,
        slowestSeconds: slowest.seconds,
        othersSeconds: slowest.others,
      }),
      ...(skippedAt.length > 0 && { skipped: skippedAt.length, skippedAt }),
    };
  }

  /** Tokens a second since the line before. */
  #recentSpeed(): number {
    const milliseconds = this.#milliseconds - this.#since.milliseconds;
    const tokens = this.#tokens - this.#since.tokens;
    return Math.round(1000 * tokens / Math.max(1, milliseconds));
  }

  /** How long the step under way has taken, in ms, a gap left out. */
  #elapsed(): number {
    const elapsed = performance.now() - this.#started;
    if (this.#stepsTimed === 0) return elapsed;
    const mean = this.#milliseconds / this.#stepsTimed;
    const isGap = elapsed > Math.max(GAP.times * mean, mean + GAP.more);
    return isGap ? mean : elapsed;
  }
}
