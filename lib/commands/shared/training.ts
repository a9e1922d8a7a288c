/**
 * What `train` and `resume` have in common: their flags, and the words for how
 * a training goes.
 *
 * @module
 */

import type {
  DataSource,
  TrainingOptions,
  TrainingResult,
  TrainingStart,
} from "../../stages/training.ts";
import { stepsWithin } from "../../train/plan.ts";
import type { TrainingProgress } from "../../train/run.ts";
import { onInterrupt } from "./interrupt.ts";
import { count, decimals, t } from "./language.ts";
import { flag, integerOr, UsageError } from "./options.ts";
import { duration, type Output, type Progress } from "./output.ts";
import { Sparkline } from "./sparkline.ts";

/** The flags that `train` and `resume` both take. */
export const TRAINING_OPTIONS = {
  "eval-windows": integerOr(
    "all",
    "windows of the held-out text that a validation predicts, evenly chosen (default: 32,768 tokens' worth)",
    { min: 1 },
  ),
  "sample-every": integerOr(
    "never",
    "steps between samples of text, kept in samples.jsonl (default: with each validation)",
    { min: 1 },
  ),
  recompute: flag(
    "less memory for more time, the same results (by itself where all else is too large)",
  ),
} as const;

/** Longer than this, in seconds, is worth a word. */
const DAY = 86_400;
/** The speed is known after so many steps, or so many seconds. */
const MEASURED = { steps: 10, seconds: 10 };
/** What the quick recipe aims at. */
const QUICK = { seconds: 1800, steps: 200 };

/**
 * Splits `--data`: one dataset, or several with their weights.
 *
 * @param data `a`, or `a=3,b=1` for three windows of a to one of b.
 * @returns The paths with their weights, 1 where none is given.
 * @throws {UsageError} For a weight that is not a positive number.
 */
export function parseData(data: string): DataSource[] {
  return data.split(",").map((part) => {
    const [, path, weight = "1"] = /^(.*?)(?:=([^=]*))?$/.exec(part)!;
    if (path === "" || !(Number(weight) > 0)) {
      throw new UsageError(
        `--data is FOLDER, or FOLDER=WEIGHT,FOLDER=WEIGHT; not "${data}"`,
      );
    }
    return { path, weight: Number(weight) };
  });
}

/** What a training is told by its command, and what becomes of it. */
interface Display {
  /** Where it is said. */
  readonly output: Output;
  /** `--data` and `--output`, for going on later. */
  readonly values: { readonly data: string; readonly output: string };
  /** Whether the recipe can still be chosen. */
  readonly isNew: boolean;
}

/**
 * Shows a training from its first step to its end.
 *
 * @param display Where, and what is shown.
 * @param work The training, given the callbacks that show it.
 * @returns What `--json` prints.
 */
export async function showTraining(
  { output, values, isNew }: Display,
  work: (
    callbacks: Pick<
      TrainingOptions,
      "signal" | "onStart" | "onProgress" | "onValidation"
    >,
  ) => Promise<TrainingResult>,
): Promise<Record<string, unknown>> {
  using interrupt = onInterrupt(output, t`saving a checkpoint`);
  using bars = new TrainingBars(output);
  let started: TrainingStart | undefined;
  let isAdvised = false;
  const result = await work({
    signal: interrupt.signal,
    onStart: (start) => {
      started = start;
      describe(start, output);
    },
    onProgress: (progress) => {
      bars.show(progress);
      if (isAdvised || progress.phase !== "training") return;
      isAdvised = adviseOn(progress, started!, isNew, output);
    },
    onValidation: (step, { loss, bitsPerByte }) => {
      bars.endOther();
      const nats = decimals(loss, 3), bits = decimals(bitsPerByte, 3);
      output.print(
        t`step ${step}: validation loss ${nats}, ${bits} bits per byte`,
      );
    },
  });
  const { checkpoint, steps } = result;
  output.print(
    result.complete
      ? t`Done: ${checkpoint}`
      : t`Interrupted after step ${steps}; continue with: deno task resume --checkpoint ${checkpoint} --data ${values.data} --output ${values.output}`,
  );
  return { ...result };
}

/** What is about to be trained. */
function describe(start: TrainingStart, output: Output): void {
  const { model, validation } = start;
  const parameters = count(start.parameters), tokens = count(start.tokens);
  output.print(
    t`${model.architecture}, ${parameters} parameters, ${tokens} tokens, ${start.backend}` +
      (start.recompute ? t`, blocks recomputed` : ""),
  );
  if (validation === undefined) {
    output.note(t`Nothing is held out in this dataset: no validation`);
  } else if (validation.windows < validation.available) {
    const windows = count(validation.windows);
    const available = count(validation.available);
    output.note(
      t`Validations predict ${windows} of ${available} windows; evaluate predicts all`,
    );
  }
}

/** The bar of the steps and, in between, that of what else is done. */
class TrainingBars implements Disposable {
  readonly #output: Output;
  readonly #steps: Progress;
  readonly #losses = new Sparkline();
  /** The step whose loss was added last. */
  #added = -1;
  /** Of a validation, or of samples. */
  #other?: Progress;
  #otherPhase?: string;

  constructor(output: Output) {
    this.#output = output;
    this.#steps = output.progress(t`train`);
    this.#steps.update(0, 0, t`preparing`);
  }

  show(progress: TrainingProgress): void {
    const { phase, done, total } = progress;
    if (phase !== this.#otherPhase) this.endOther();
    if (phase !== "training") {
      this.#otherPhase = phase;
      this.#other ??= this.#output.progress(
        phase === "validation" ? t`validation` : t`samples`,
      );
      this.#other.update(done, total);
      return;
    }
    const { step, loss } = progress;
    if (loss !== undefined && step !== this.#added) this.#losses.add(loss);
    this.#added = step;
    const curve = `${this.#losses}`;
    this.#steps.update(done, total, describeSteps(progress), curve);
  }

  /** Takes the bar of what is not training away. */
  endOther(): void {
    this.#other?.[Symbol.dispose]();
    this.#other = undefined;
  }

  [Symbol.dispose](): void {
    this.endOther();
    this.#steps[Symbol.dispose]();
  }
}

function describeSteps(progress: TrainingProgress): string {
  const { step, total, loss, tokens, seconds } = progress;
  const parts = [t`step ${step}/${total}`];
  if (loss !== undefined) parts.push(t`loss ${decimals(loss, 3)}`);
  if (tokens > 0) {
    parts.push(t`${decimals(tokens / seconds, 0)} tokens/s`);
  }
  return parts.join("  ");
}

/**
 * Says once, when the speed is known, that a run takes days and what would not.
 *
 * @returns Whether the speed was known.
 */
function adviseOn(
  { step, done, total, tokens, seconds }: TrainingProgress,
  { tokensPerStep, training }: TrainingStart,
  isNew: boolean,
  output: Output,
): boolean {
  const stepsDone = tokens / tokensPerStep;
  if (stepsDone < MEASURED.steps && seconds < MEASURED.seconds) return false;
  if (tokens === 0) return false;
  const rate = tokens / seconds;
  const left = (total - done) * tokensPerStep / rate;
  if (left < DAY) return true;
  const time = duration(left), speed = decimals(rate, 0);
  const steps = count(total - step), size = count(tokensPerStep);
  const all = count(Math.round((total - step) * tokensPerStep / 1e6));
  output.note(
    t`A long run: ${steps} steps of ${size} tokens, ${all} million in all, take ${time} at ${speed} tokens/s.`,
  );
  if (!isNew) return true;
  const dayOf = stepsWithin(DAY, rate, tokensPerStep);
  const { gradientAccumulation } = training;
  if (gradientAccumulation === 1) {
    output.note(t`Within a day: --max-steps ${dayOf}.`);
    return true;
  }
  const quickStep = tokensPerStep / gradientAccumulation;
  const quick = Math.max(
    QUICK.steps,
    stepsWithin(QUICK.seconds, rate, quickStep),
  );
  const quickTime = duration(quick * quickStep / rate);
  output.note(
    t`Within a day: --max-steps ${dayOf}. In ${quickTime}: --grad-accum 1 --learning-rate 1.2e-3 --warmup-steps 100 --max-steps ${quick}.`,
  );
  return true;
}
