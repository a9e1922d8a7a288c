/**
 * The validations of a run: which windows they predict, and what is told of it.
 *
 * @module
 */

import type { Batch } from "../dataset/data_loader.ts";
import { type EvenWindows, evenWindows } from "../dataset/even_windows.ts";
import type { Evaluation, Evaluator } from "./evaluate.ts";
import type { Meter } from "./meter.ts";
import type { SharedSignal } from "../distributed/shared_signal.ts";
import type { RunOptions } from "./run.ts";

/** Tokens a validation predicts, where it is not said how many windows. */
const VALIDATION_TOKENS = 32_768;

/**
 * What a validation found: of the averaged weights where a run keeps them, as its
 * finished models hold these.
 */
export interface Validation extends Evaluation {
  /** The same of the weights themselves, where what is told is the averages'. */
  readonly last?: Evaluation;
  /** How many windows of the held-out text were predicted. */
  readonly windows: number;
  /** How many whole windows it has. */
  readonly available: number;
}

/**
 * Predicts the held-out text or, where it is long, windows all over it.
 *
 * @param evaluator Of the run's model.
 * @param options The run.
 * @param meter Of the run.
 * @returns Undefined where nothing is held out, or the signal has ended it.
 */
export async function validate(
  evaluator: Evaluator,
  options: RunOptions & { readonly stop: SharedSignal },
  meter: Meter,
): Promise<Validation | undefined> {
  const { trainer, validation, byteLengths, stop, onProgress } = options;
  if (validation.length === 0) return undefined;
  const { windows, available, tokens, batches } = validationWindows(options);
  const passes = trainer.hasAverages ? 2 : 1;
  let done = 0;
  const told = function* (): Generator<Batch> {
    for (const batch of batches()) {
      onProgress?.({
        phase: "validation",
        done,
        total: passes * tokens,
        step: trainer.step,
        ...meter.status,
      });
      yield batch;
      done += batch.inputs.length;
    }
  };
  const { ranks } = trainer, { own: signal } = stop;
  const evaluate = () =>
    evaluator.evaluate(told(), byteLengths, { signal, ranks });
  try {
    const own = await evaluate();
    if (!trainer.hasAverages) return { ...own, windows, available };
    const averaged = await trainer.withAverages(evaluate);
    return { ...averaged, last: own, windows, available };
  } catch (error) {
    const isOwn = signal?.aborted && error === signal.reason;
    const isAbort = error instanceof DOMException &&
      error.name === "AbortError";
    if (!isOwn && !isAbort) throw error;
    stop.settle();
    return undefined; // the run ends
  }
}

/**
 * The windows that the validations of a run predict.
 *
 * @param options What is held out, the shape of batches, and how many windows.
 */
export function validationWindows(
  { validation, loader, evalWindows }: Pick<
    RunOptions,
    "validation" | "loader" | "evalWindows"
  >,
): EvenWindows {
  const most = evalWindows === "all" ? Infinity : evalWindows ??
    Math.max(1, Math.floor(VALIDATION_TOKENS / loader.contextLength));
  return evenWindows(validation, loader, most);
}

/** A validation as the log names it. */
export function named(found: Validation | undefined) {
  return found && {
    valLoss: found.loss,
    valBitsPerByte: found.bitsPerByte,
    ...found.last && {
      lastValLoss: found.last.loss,
      lastValBitsPerByte: found.last.bitsPerByte,
    },
  };
}
