/**
 * What `train` and `resume` have in common: their flags, and the words for how
 * a training goes.
 *
 * @module
 */

import type {
  DataSource,
  TrainingOptions,
  TrainingPlan,
  TrainingResult,
  TrainingStart,
} from "../../stages/training_options.ts";
import type { TrainingProgress } from "../../train/run.ts";
import { onInterrupt, unlessInterrupted } from "./interrupt.ts";
import { count, decimals, sayError, t } from "./language.ts";
import { flag, integerOr, UsageError } from "./options.ts";
import { duration, type Output, type Progress } from "./output.ts";
import { PassBars } from "./pass_bars.ts";
import { Sparkline } from "./sparkline.ts";

/** The flags that `train` and `resume` both take. */
export const TRAINING_OPTIONS = {
  "eval-windows": integerOr(
    "all",
    "windows of the held-out text that a validation predicts, evenly chosen (default: 32,768 tokens' worth)",
    { min: 1 },
  ),
  "keep-last": integerOr(
    "all",
    "checkpoints of the run to keep, the newest (default: all)",
    { min: 1 },
  ),
  "keep-best": flag("keep the model of the best validation, as best.mpk"),
  "sample-every": integerOr(
    "never",
    "steps between samples of text, kept in samples.jsonl (default: with each validation)",
    { min: 1 },
  ),
  recompute: flag(
    "less memory for more time, the same results (by itself where all else is too large)",
  ),
  "dry-run": flag(
    "say what the run takes of memory, disk and time, and write nothing",
  ),
} as const;

/** What takes longer than a minute is worth a word, than a day several. */
const MINUTE = 60, DAY = 86_400;
/** The speed is known after so many steps, or so many seconds. */
const MEASURED = { steps: 10, seconds: 10 };

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
      | "signal"
      | "onStart"
      | "onPlan"
      | "onProgress"
      | "onValidation"
      | "onRewind"
      | "onSetAside"
      | "onSpike"
      | "onDeviceLost"
    >,
  ) => Promise<TrainingResult>,
): Promise<Record<string, unknown>> {
  using interrupt = onInterrupt(output, t`saving a checkpoint`);
  using bars = new TrainingBars(output);
  let started: TrainingStart | undefined;
  let isAdvised = false;
  const training = work({
    signal: interrupt.signal,
    onStart: (start) => {
      started = start;
      bars.endOther();
      describe(start, output);
    },
    onPlan: (plan) => output.note(inOneLine(plan)),
    onProgress: (progress) => {
      bars.show(progress);
      if (isAdvised || progress.phase !== "training") return;
      isAdvised = adviseOn(progress, started!, isNew, output);
    },
    onRewind: ({ from, to, skippedData: [first, end], rateScale }) =>
      output.warn(
        t`The gradients up to step ${from} were not finite: back to step ${to}, without the windows ${first} to ${end}, at ${rateScale} of the learning rate`,
      ),
    onSetAside: ({ message }) =>
      output.warn(t`${sayError(message)}; its name ends with .damaged now`),
    onSpike: (step, { loss, mean, data: [first, end] }) => {
      const nats = decimals(loss, 3), usual = decimals(mean, 3);
      output.note(
        t`The loss of step ${step} jumped to ${nats}, from ${usual}: windows ${first} to ${end}`,
      );
    },
    onDeviceLost: ({ reason, step }) =>
      output.warn(
        t`The device was lost (${reason}): on from step ${step} on a new one, which is done once`,
      ),
    onValidation: (step, { loss, bitsPerByte, last }) => {
      bars.endOther();
      const nats = decimals(loss, 3), bits = decimals(bitsPerByte, 3);
      const own = last && decimals(last.bitsPerByte, 3);
      output.print(
        t`step ${step}: validation loss ${nats}, ${bits} bits per byte` +
          (own === undefined ? "" : t`, without averages ${own}`),
      );
    },
  });
  const result = await unlessInterrupted(interrupt, training);
  if (result === undefined) {
    output.print(t`Interrupted before the first step; nothing was written`);
    return { complete: false };
  }
  const { checkpoint, steps } = result;
  output.print(
    result.complete
      ? t`Done: ${checkpoint}`
      : steps === 0
      ? t`Interrupted before the first step was done; continue with: deno task resume --checkpoint ${checkpoint} --data ${values.data} --output ${values.output}`
      : t`Interrupted after step ${steps}; continue with: deno task resume --checkpoint ${checkpoint} --data ${values.data} --output ${values.output}`,
  );
  if (/\.safetensors$/.test(checkpoint)) {
    output.note(
      t`Next: deno task generate or evaluate, each with the --model that it began with and --adapter ${checkpoint}; serve takes --model MODEL+ADAPTER`,
    );
  } else if (result.complete) {
    output.note(
      t`Next: deno task evaluate, generate or serve, each with --model ${values.output}`,
    );
  }
  return { ...result };
}

/**
 * Shows what a training would take.
 *
 * @param output Where.
 * @param work Finds it out, given the callbacks that show it.
 * @returns What `--json` prints.
 */
export async function showPlan(
  output: Output,
  work: (
    callbacks: Pick<TrainingOptions, "signal" | "onStart" | "onProgress">,
  ) => Promise<TrainingPlan>,
): Promise<Record<string, unknown>> {
  using interrupt = onInterrupt(output, t`stopping`);
  let plan: TrainingPlan;
  {
    using bars = new TrainingBars(output);
    const onStart = (start: TrainingStart) => {
      bars.endOther();
      describe(start, output);
    };
    const onProgress = (progress: TrainingProgress) => bars.show(progress);
    plan = await work({ signal: interrupt.signal, onStart, onProgress });
  }
  for (const line of inLines(plan)) output.print(line);
  output.print(t`Nothing was written`);
  return { ...plan };
}

/** A plan as the first line of a run. */
function inOneLine(plan: TrainingPlan): string {
  const memory = gigabytes(plan.memory), disk = gigabytes(plan.diskBytes);
  const steps = count(plan.steps), tokens = count(plan.tokens);
  const epochs = epochsOf(plan);
  return t`About ${memory} GB of memory and ${disk} GB of disk for ${steps} [step|steps], ${tokens} [token|tokens], ${epochs} epochs` +
    shortages(plan).map((line) => `; ${line}`).join("");
}

/** A plan as a text of its own. */
function inLines(plan: TrainingPlan): string[] {
  const { memoryAvailable, memoryWithoutRecompute, diskAvailable } = plan;
  const free = (bytes: number | undefined) =>
    bytes === undefined ? "" : t`, ${gigabytes(bytes)} GB are free`;
  const memory = gigabytes(plan.memory), disk = gigabytes(plan.diskBytes);
  const checkpoints = count(plan.checkpoints);
  const each = gigabytes(plan.checkpointBytes);
  const steps = count(plan.steps), perStep = count(plan.tokensPerStep);
  const tokens = count(plan.tokens), epochs = epochsOf(plan);
  const { seconds, tokensPerSecond } = plan;
  return [
    t`memory: ${memory} GB` + free(memoryAvailable) +
    (memoryWithoutRecompute === undefined
      ? ""
      : t`; blocks are recomputed, for without it takes ${
        gigabytes(memoryWithoutRecompute)
      } GB`),
    t`disk: ${disk} GB, the model and checkpoints (${checkpoints} of ${each} GB)` +
    free(diskAvailable),
    t`steps: ${steps} of ${perStep} [token|tokens], ${tokens} in all, ${epochs} epochs`,
    ...(seconds === undefined || tokensPerSecond === undefined ? [] : [
      t`time: ${duration(seconds)} at ${decimals(tokensPerSecond, 0)} tokens/s`,
    ]),
    ...shortages(plan),
  ];
}

/** How often the data are read: two digits where it is not even once. */
function epochsOf({ epochs }: TrainingPlan): string {
  return decimals(epochs, epochs < 0.995 ? 2 : 1);
}

/** What will be short, though the run can begin. */
function shortages({ diskBytes, diskAvailable }: TrainingPlan): string[] {
  if (diskAvailable === undefined || diskBytes <= diskAvailable) return [];
  const free = gigabytes(diskAvailable);
  return [
    t`only ${free} GB of disk are free besides what is left to the system: save less often with --save-every`,
  ];
}

/** Two digits behind the point below 10, which small models need. */
function gigabytes(bytes: number): string {
  return decimals(bytes / 1e9, bytes < 10e9 ? 2 : 1);
}

/** How large a model is, and how much of it or beside it is trained. */
function parametersOf({ model, parameters }: TrainingStart): string {
  const all = count(model.numParameters()), trained = count(parameters);
  return all === trained
    ? t`${all} [parameter|parameters]`
    : t`${all} [parameter|parameters], ${trained} trained`;
}

/** What is about to be trained. */
function describe(start: TrainingStart, output: Output): void {
  const { model, validation } = start;
  const tokens = count(start.tokens);
  output.print(
    t`${model.architecture}, ${
      parametersOf(start)
    }, ${tokens} [token|tokens], ${start.backend}` +
      (start.recompute ? t`, blocks recomputed` : ""),
  );
  if (validation === undefined) {
    output.note(t`Nothing is held out in this dataset: no validation`);
  } else if (validation.windows < validation.available) {
    const windows = count(validation.windows);
    const available = count(validation.available);
    output.note(
      t`Validations predict ${windows} of ${available} [window|windows]; evaluate predicts all`,
    );
  }
}

/** The bar of the steps and, in between, that of what else is done. */
class TrainingBars implements Disposable {
  readonly #steps: Progress;
  /** Of a validation, or of samples. */
  readonly #other: PassBars;
  readonly #losses = new Sparkline();
  /** The step whose loss was added last. */
  #added = -1;

  constructor(output: Output) {
    this.#steps = output.progress(t`train`);
    this.#other = new PassBars(output);
    this.#steps.update(0, 0, t`preparing`);
  }

  show(progress: TrainingProgress): void {
    const { phase, done, total } = progress;
    if (phase !== "training") {
      this.#other.update(labelOf(phase), done, total);
      return;
    }
    this.endOther();
    const { step, loss } = progress;
    if (loss !== undefined && step !== this.#added) this.#losses.add(loss);
    this.#added = step;
    const curve = `${this.#losses}`;
    this.#steps.update(done, total, describeSteps(progress), curve);
  }

  /** Takes the bar of what is not training away. */
  endOther(): void {
    this.#other[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.endOther();
    this.#steps[Symbol.dispose]();
  }
}

/** What is done where no step is. */
function labelOf(
  phase: Exclude<TrainingProgress["phase"], "training">,
): string {
  switch (phase) {
    case "checking":
      return t`checking the data`;
    case "measuring":
      return t`measuring the speed`;
    case "validation":
      return t`validation`;
    case "sampling":
      return t`samples`;
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
 * Says once, when the speed is known, how long a run takes; where that is days,
 * also what would not.
 *
 * @returns Whether the speed was known.
 */
function adviseOn(
  { step, done, total, tokens, seconds }: TrainingProgress,
  { tokensPerStep }: TrainingStart,
  isNew: boolean,
  output: Output,
): boolean {
  const stepsDone = tokens / tokensPerStep;
  if (stepsDone < MEASURED.steps && seconds < MEASURED.seconds) return false;
  if (tokens === 0) return false;
  const rate = tokens / seconds;
  const left = (total - done) * tokensPerStep / rate;
  const time = duration(left), speed = decimals(rate, 0);
  if (left < DAY) {
    if (left > MINUTE) output.note(t`About ${time} to the end`);
    return true;
  }
  const steps = count(total - step), size = count(tokensPerStep);
  const all = count(Math.round((total - step) * tokensPerStep / 1e6));
  output.note(
    t`A long run: ${steps} [step|steps] of ${size} [token|tokens], ${all} million in all, take ${time} at ${speed} tokens/s.`,
  );
  if (!isNew) return true;
  output.note(t`Within a day: --hours 24. In half an hour: --hours 0.5.`);
  return true;
}
