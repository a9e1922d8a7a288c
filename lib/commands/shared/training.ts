/**
 * What `train` and `resume` have in common: data in, a run with progress, and
 * an orderly end when it is interrupted.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import {
  DataLoader,
  type DataLoaderOptions,
} from "../../dataset/data_loader.ts";
import { MixedLoader } from "../../dataset/mixed_loader.ts";
import type { MmapDataset } from "../../dataset/mmap_dataset.ts";
import { openDataset } from "../../dataset/open_dataset.ts";
import type { RWKVConfig } from "../../model/config.ts";
import type { TrainingConfig } from "../../training_config.ts";
import { RWKV } from "../../model/rwkv.ts";
import { trainingMemory, type TrainingShape } from "../../train/memory.ts";
import { run, type WindowSource } from "../../train/run.ts";
import { Trainer } from "../../train/trainer.ts";
import { tokenizerOf } from "../../tokenizer/vocab/any_tokenizer.ts";
import { identityOf, type Vocab } from "../../tokenizer/tokenizer.ts";
import { writeVocab } from "../../tokenizer/vocab/vocab_file.ts";
import { UsageError } from "./options.ts";
import { explainFailure } from "./device_failure.ts";
import { onInterrupt } from "./interrupt.ts";
import type { Output } from "./output.ts";

/** What the CPU engine can address (wasm32). */
const CPU_LIMIT = 2 ** 32;

/** A run about to start. */
export interface TrainingJob {
  /** The model's shape. */
  readonly model: RWKVConfig;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** Folders of `train.bin` or token files; see {@linkcode parseData}. */
  readonly data: string;
  /** The tokenizer the data was made with. */
  readonly vocab: Vocab;
  /** Folder of checkpoints. */
  readonly output: string;
  /** The last step to do. */
  readonly lastStep: number;
  /** Where the loader goes on. */
  readonly dataPosition: number;
  /** Whether to take less memory and more time even where all would fit. */
  readonly recompute: boolean;
  /** Fills the model: new weights, or a checkpoint's. */
  readonly prepare: (trainer: Trainer) => void;
}

/**
 * Trains until the last step or an interrupt.
 *
 * @param job What to do.
 * @param backend Where.
 * @param output Where progress and validations are shown.
 * @returns What `--json` prints.
 */
export async function runTraining(
  job: TrainingJob,
  backend: Backend,
  output: Output,
): Promise<Record<string, unknown>> {
  const { model, training } = job;
  const time = training.sequenceLength ?? model.maxSeqLen;
  const shape = { batch: training.batchSize, time };
  const recompute = job.recompute || mustRecompute(model, shape, backend);
  try {
    return await runJob({ ...job, recompute }, time, backend, output);
  } catch (error) {
    throw await explainFailure(error, backend, { ...job, shape, recompute });
  }
}

async function runJob(
  job: TrainingJob,
  contextLength: number,
  backend: Backend,
  output: Output,
): Promise<Record<string, unknown>> {
  const { training, vocab, recompute } = job;
  using data = await openData(job.data, vocab, {
    batchSize: training.batchSize,
    contextLength,
    seed: training.seed,
  });
  const { loader, validation } = data;
  loader.position = job.dataPosition;
  if (validation.length === 0) {
    output.note("Nothing is held out in this dataset: no validation");
  }
  const model = new RWKV(job.model, backend, { training: true });
  const trainer = new Trainer(model, training, { recompute });
  job.prepare(trainer);
  // Beside the model, so that it can be used without naming its tokenizer.
  await writeVocab(`${job.output}/tokenizer.json`, vocab);
  output.print(
    `${job.model.architecture}, ${count(model.numParameters())} parameters, ` +
      `${count(data.tokens)} tokens, ${backend.description}` +
      (recompute ? ", blocks recomputed" : ""),
  );

  const tokenizer = tokenizerOf(vocab);
  using interrupt = onInterrupt(output, "saving a checkpoint");
  using progress = output.progress("train");
  const result = await run({
    trainer,
    loader,
    validation,
    byteLengths: tokenizer.byteLengths(),
    tokenizerSha256: await identityOf(vocab),
    output: job.output,
    lastStep: job.lastStep,
    signal: interrupt.signal,
    onStep: ({ step, loss, tokensPerSecond }) =>
      progress.update(
        step,
        job.lastStep,
        `step ${step}/${job.lastStep}  loss ${loss.toFixed(3)}  ${
          tokensPerSecond.toFixed(0)
        } tokens/s`,
      ),
    onValidation: (step, { loss, bitsPerByte }) =>
      output.print(
        `step ${step}: validation loss ${loss.toFixed(3)}, ${
          bitsPerByte.toFixed(3)
        } bits per byte`,
      ),
  });
  output.print(
    result.complete
      ? `Done: ${result.checkpoint}`
      : `Interrupted after step ${result.steps}; continue with: resume --checkpoint ${result.checkpoint} --data ${job.data} --output ${job.output}`,
  );
  return {
    steps: result.steps,
    tokens: result.tokens,
    loss: result.loss,
    valLoss: result.validation?.loss,
    valBitsPerByte: result.validation?.bitsPerByte,
    tokensPerSecond: result.tokensPerSecond,
    parameters: model.numParameters(),
    backend: backend.description,
    checkpoint: result.checkpoint,
    complete: result.complete,
  };
}

/**
 * Splits `--data`: one dataset, or several with their weights.
 *
 * @param data `a`, or `a=3,b=1` for three windows of a to one of b.
 * @returns The paths with their weights, 1 where none is given.
 * @throws {UsageError} For a weight that is not a positive number.
 */
export function parseData(data: string): { path: string; weight: number }[] {
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

async function openData(
  data: string,
  vocab: Vocab,
  shape: DataLoaderOptions,
): Promise<
  Disposable & {
    loader: WindowSource;
    validation: readonly MmapDataset[];
    tokens: number;
  }
> {
  using opened = new DisposableStack();
  const sources = [];
  const validation: MmapDataset[] = [];
  for (const { path, weight } of parseData(data)) {
    const { train, val } = opened.use(await openDataset(path, vocab));
    sources.push({ dataset: train, weight });
    if (val !== undefined) validation.push(val);
  }
  const loader = sources.length === 1
    ? new DataLoader(sources[0].dataset, shape)
    : new MixedLoader(sources, shape);
  const closing = opened.move();
  return {
    loader,
    validation,
    tokens: sources.reduce((sum, { dataset }) => sum + dataset.length, 0),
    [Symbol.dispose]: () => closing.dispose(),
  };
}

/**
 * Whether a run fits the engine only with blocks recomputed.
 *
 * @throws {RangeError} When it does not fit at all, naming what would.
 */
function mustRecompute(
  model: RWKVConfig,
  { batch, time }: TrainingShape,
  backend: Backend,
): boolean {
  const whole = trainingMemory(model, { batch, time });
  if (backend.name !== "cpu" || whole < CPU_LIMIT) return false;
  const bytes = (batch: number, time: number) =>
    trainingMemory(model, { batch, time, recompute: true });
  if (bytes(batch, time) < CPU_LIMIT) return true;
  let fits = time;
  while (fits > 1 && bytes(1, fits) >= CPU_LIMIT) fits = Math.floor(fits / 2);
  throw new RangeError(
    `Cannot train with ${batch} windows of ${time} tokens: they take ${
      (bytes(batch, time) / 1e9).toFixed(1)
    } GB and the cpu backend can use 4.3; try --batch-size 1 --seq-len ${fits}`,
  );
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
