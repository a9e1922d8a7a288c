/**
 * On with a training run exactly where its checkpoint stands.
 *
 * @module
 */

import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import {
  BEST_MODEL,
  checkpointName,
  checkpointsIn,
  FINAL_ADAPTER,
  FINAL_MODEL,
} from "../checkpoint/native/paths.ts";
import type {
  DataIdentity,
  TokensIdentity,
  TrainState,
} from "../checkpoint/native/train_state.ts";
import { folderOf, isThere } from "../files.ts";
import { assertFolderFree } from "../folder_lock.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { MODEL_SIZES, type ModelSize, RWKVConfig } from "../model/config.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import { readRecord } from "../train/run_folder/run_record.ts";
import { runOfLog } from "../train/run_log.ts";
import type { Trainer } from "../train/trainer.ts";
import {
  readRunHabits,
  type RunHabits,
} from "../train/run_folder/run_config.ts";
import { assertOptions, oneOf, type OptionKinds } from "../option_kinds.ts";
import { useBackend } from "./computing.ts";
import { openVocab } from "./model_files.ts";
import { planTraining, runTraining, sourcesOf } from "./training.ts";
import {
  FIELD_NAMES,
  TRAINING_KINDS,
  type TrainingOptions,
  type TrainingPlan,
  type TrainingResult,
} from "./training_options.ts";
import { assertRunReplaceable } from "./written_files.ts";

/** What `resume()` is to do. */
export interface ResumeOptions extends TrainingOptions {
  /** `checkpoint_N.mpk`, or a folder for its newest. */
  readonly checkpoint: string;
  /** Steps to do; up to the last of the run unless given. */
  readonly additionalSteps?: number;
  /**
   * The model that an adapter is trained beside; where it was when the run began
   * unless given.
   */
  readonly base?: string;
  /** What the checkpoint must be, where one wants to be sure. */
  readonly modelSize?: ModelSize;
  /** Whether to go on with data that the run was not trained on. */
  readonly otherData?: boolean;
  /** Told what differs where such data are gone on with. */
  readonly onOtherData?: (difference: string) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<ResumeOptions> = {
  ...TRAINING_KINDS,
  checkpoint: "text",
  base: "text?",
  additionalSteps: "number?",
  modelSize: oneOf(MODEL_SIZES),
  onDamaged: "function?",
  otherData: "flag?",
  onOtherData: "function?",
};

/**
 * Continues a run. Step number, weights, moments, learning rate, random state
 * and data position come from the checkpoint, the recipe does too; on the CPU
 * the result is the same, to the last bit, as if the run had never stopped.
 * What is not given of `evalWindows`, `sampleEvery`, `keepLast` and `keepBest` is
 * as `config.toml` beside the checkpoint has it, with which the run was started.
 *
 * @param options The checkpoint and the data that the run was started with.
 * @returns What was made, or how far it came.
 * @throws {Error} When a file cannot be read or written, belongs to something
 * else, or all steps are done.
 *
 * @example
 * ```ts
 * import { resume } from "./resume.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => resume({ checkpoint: "nowhere", data: "data/tokenized" }),
 *   Error,
 *   'Cannot read checkpoint "nowhere": no such file or folder',
 * );
 * ```
 */
export async function resume(options: ResumeOptions): Promise<TrainingResult> {
  return await withJob(options, runTraining);
}

/**
 * Finds out what `resume()` would take with the same options, by a second or so
 * of training that is forgotten. Nothing is written.
 *
 * @param options As of `resume()`.
 * @returns Memory, disk, steps, tokens and time.
 * @throws {Error} When `resume()` could not begin.
 * @throws {RangeError} When it does not fit this machine, naming what would.
 *
 * @example
 * ```ts
 * import { planResume } from "./resume.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const options = { checkpoint: "nowhere", data: "data/tokenized" };
 * await assertRejects(() => planResume(options), Error, "no such file");
 * ```
 */
export async function planResume(
  options: ResumeOptions,
): Promise<TrainingPlan> {
  return await withJob(options, planTraining);
}

/** Makes a job of the options, for as long as the work on it takes. */
async function withJob<R>(
  options: ResumeOptions,
  work: (...job: Parameters<typeof runTraining>) => Promise<R>,
): Promise<R> {
  assertOptions("resume", options, OPTIONS);
  await refuseOtherKinds(options.checkpoint, "a checkpoint", [
    "model",
    "nothing",
  ]);
  const { checkpoint, onDamaged } = options;
  return await Checkpoint.use(
    checkpoint,
    { onDamaged },
    (checkpoint) => withCheckpoint(checkpoint, options, work),
  );
}

async function withCheckpoint<R>(
  checkpoint: Checkpoint,
  options: ResumeOptions,
  work: (...job: Parameters<typeof runTraining>) => Promise<R>,
): Promise<R> {
  const { config, train, path } = checkpoint;
  if (train === undefined) {
    throw new Error(
      `Cannot continue from "${path}": it is a finished model without optimizer state; give a checkpoint_N.mpk, or begin anew with train --init-from`,
    );
  }
  assertSize(config, options.modelSize, path);
  const data = await sourcesOf(options.data);
  const vocab = await openVocab(options.tokenizer, data[0].path);
  if (await identityOf(vocab) !== checkpoint.tokenizerSha256) {
    throw new Error(
      `Cannot continue from "${path}": the run used another tokenizer`,
    );
  }
  const { training, step } = train;
  const { additionalSteps: more, output = "checkpoints" } = options;
  if (more !== undefined && !(Number.isSafeInteger(more) && more >= 1)) {
    throw new RangeError(
      `Cannot continue for ${more} steps: give a whole number from 1 on`,
    );
  }
  const lastStep = more === undefined ? training.maxSteps : step + more;
  // A run that was killed at its very end still lacks its model.
  const isDone = lastStep < step ||
    lastStep === step && await hasFinalModel(folderOf(path));
  if (isDone) {
    throw new Error(
      `Cannot continue from "${path}": all ${training.maxSteps} steps are done; say how many more with --additional-steps`,
    );
  }
  const checkFolder = async () => {
    await assertSameRun(output, train);
    if ((await checkpointsIn(output)).length > 0) return;
    await assertRunReplaceable(output, vocab.toString());
  };
  if ((options.ranks?.rank ?? 0) === 0) {
    await assertFolderFree(output);
    await checkFolder();
  }
  const habits = await readRunHabits(folderOf(path));
  using base = await baseOf(checkpoint, options.base);
  using used = await useBackend(options.backend);
  return await work(
    {
      model: config,
      base: base && { ...train.base!, fill: (model) => base.loadInto(model) },
      training,
      vocab,
      lastStep,
      dataPosition: train.dataPosition,
      unlogged: train.unlogged,
      resumedFrom: path,
      checkFolder,
      run: train.run,
      checkData: (found) => checkData(checkpoint, found, options),
      prepare: (trainer: Trainer) => trainer.loadCheckpoint(checkpoint),
    },
    { ...options, ...habitsOf(options, habits), data, output },
    used,
  );
}

/** The model that an adapter is trained beside, if the run trains one. */
async function baseOf(
  { adapter, train, path }: Checkpoint,
  given: string | undefined,
): Promise<Checkpoint | undefined> {
  const base = train?.base;
  if (adapter === undefined) {
    if (given === undefined) return undefined;
    throw new Error(
      `Cannot continue from "${path}" with the model "${given}": it is whole, and no adapter`,
    );
  }
  if (base === undefined) {
    throw new Error(
      `Cannot continue from "${path}": it does not say which model its adapter is for`,
    );
  }
  const model = await Checkpoint.open(given ?? base.path).catch((error) => {
    if (given !== undefined) throw error;
    throw new Error(
      `Cannot continue from "${path}": its model is not at "${base.path}" any more; give it with --base`,
      { cause: error },
    );
  });
  if (model.weightsCrc32() === base.crc32) return model;
  model[Symbol.dispose]();
  throw new Error(
    `Cannot continue from "${path}": "${model.path}" is not the model that it was begun with`,
  );
}

/** What is asked for, and else what the run was started with. */
function habitsOf(asked: RunHabits, habits: RunHabits): RunHabits {
  return {
    evalWindows: asked.evalWindows ?? habits.evalWindows,
    sampleEvery: asked.sampleEvery ?? habits.sampleEvery,
    keepLast: asked.keepLast ?? habits.keepLast,
    keepBest: asked.keepBest ?? habits.keepBest,
  };
}

/**
 * A run goes on in a folder of its own.
 *
 * @throws {Error} When the folder has checkpoints of another run or of later
 * steps, or files of which none tells that they are this run's.
 */
async function assertSameRun(
  folder: string,
  { run, step: from }: TrainState,
): Promise<void> {
  const steps = await checkpointsIn(folder);
  for (const step of steps) {
    const name = checkpointName(step);
    const other = await runOf(`${folder}/${name}`);
    if (other !== undefined && other.run !== run) refuseFolder(folder, name);
  }
  if (steps[0] > from) await refuseBranch(folder, from);
  await assertOwnFiles(folder, run, steps[0]);
}

/**
 * Checks what else a run writes over: models say nothing of their run, so what
 * is told beside them has to.
 */
async function assertOwnFiles(
  folder: string,
  run: string | undefined,
  newest: number | undefined,
): Promise<void> {
  const record = await readRecord(`${folder}/run.json`);
  const { lastStep = 0, starts = [] } = record ?? {};
  // Killed at its very end, a run has its model and has not said so.
  const isFinished = newest !== undefined && (record === undefined ||
    newest >= lastStep || starts.some((start) => start?.ended === "complete"));
  if (!isFinished && await hasFinalModel(folder)) {
    refuseFolder(folder, FINAL_MODEL);
  }
  const log = "metrics.jsonl";
  const known = record?.run ?? await runOfLog(`${folder}/${log}`);
  if (known !== undefined && known !== run) {
    refuseFolder(folder, record?.run === undefined ? log : "run.json");
  }
  const isTold = newest !== undefined || known !== undefined;
  if (!isTold && await isThere(`${folder}/${BEST_MODEL}`)) {
    refuseFolder(folder, BEST_MODEL);
  }
}

/**
 * Whoever is given a folder takes its newest whole checkpoint: another branch
 * of the run would not be seen.
 */
async function refuseBranch(folder: string, from: number): Promise<void> {
  const newest = await Checkpoint.open(folder, { onDamaged: () => {} })
    .catch(() => undefined); // none is whole, so nothing is lost
  using checkpoint = newest;
  const step = checkpoint?.train?.step ?? 0;
  if (step <= from) return;
  throw new Error(
    `Cannot continue in "${folder}" from step ${from}: it holds the later ${
      checkpointName(step)
    }; give that one, or another --output`,
  );
}

async function hasFinalModel(folder: string): Promise<boolean> {
  return await isThere(`${folder}/${FINAL_MODEL}`) ||
    await isThere(`${folder}/${FINAL_ADAPTER}`);
}

function refuseFolder(folder: string, name: string): never {
  throw new Error(
    `Cannot continue in "${folder}": its ${name} is of another run; give another --output`,
  );
}

/** Which run a checkpoint is of; undefined where it cannot be read. */
async function runOf(path: string): Promise<{ run?: string } | undefined> {
  try {
    using checkpoint = await Checkpoint.open(path);
    return { run: checkpoint.train?.run };
  } catch {
    return undefined; // torn or damaged: nothing is lost with it
  }
}

/** Data that differ from what a run was trained on must be asked for. */
function checkData(
  { path, train }: Checkpoint,
  found: readonly DataIdentity[],
  { otherData = false, onOtherData }: ResumeOptions,
): void {
  const known = train?.data;
  if (known === undefined) return;
  // What an old file does not say of is not compared.
  const comparable = found.map(({ heldOut, ...data }, i) =>
    known[i]?.heldOut === undefined ? data : { ...data, heldOut }
  );
  const [before, now] = [inWords(known), inWords(comparable)];
  if (before === now) return;
  const difference = `${before}, not ${now}`;
  if (!otherData) {
    throw new Error(
      `Cannot continue from "${path}": the run was trained on other data: ${difference}; --other-data goes on all the same`,
    );
  }
  onOtherData?.(difference);
}

function inWords(data: readonly DataIdentity[]): string {
  const tokensOf = ({ tokens, crc32 }: TokensIdentity) =>
    `${tokens} tokens (${crc32})`;
  return data.map(({ heldOut, weight, ...trained }) =>
    tokensOf(trained) +
    (heldOut === undefined ? "" : ` + val.bin: ${tokensOf(heldOut)}`) +
    (data.length > 1 ? ` =${weight}` : "")
  ).join(", ");
}

function assertSize(
  config: RWKVConfig,
  size: ModelSize | undefined,
  path: string,
): void {
  if (size === undefined) return;
  const preset = RWKVConfig.ofSize(size);
  for (const field of ["dModel", "nLayers", "dFfn"] as const) {
    if (config[field] !== preset[field]) {
      throw new Error(
        `Cannot continue from "${path}" as ${size}: its ${
          FIELD_NAMES[field]
        } is ${config[field]}, not ${preset[field]}`,
      );
    }
  }
}
