/** Gradients that are not finite harm no weights, and a run gets over them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Memory } from "../../lib/backend/backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { type Batch, DataLoader } from "../../lib/dataset/data_loader.ts";
import { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import type { Rewind } from "../../lib/train/rewind.ts";
import type { Spike } from "../../lib/train/spikes.ts";
import { run, type RunResult } from "../../lib/train/run.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { writeTokens } from "../dataset/token_files.ts";

/** A trainer whose gradients, or loss, are spoilt where it is told. */
class SpoiltTrainer extends Trainer {
  #loss?: Memory;

  constructor(
    model: RWKV,
    recipe: TrainingConfig,
    readonly value: () => number | undefined,
    readonly part: "gradients" | "loss",
  ) {
    super(model, recipe);
    const { loss } = model;
    model.loss = (tape, hidden, targets, options) => {
      this.#loss = options.loss;
      loss.call(model, tape, hidden, targets, options);
    };
  }

  override accumulate(batch: Batch, dropoutKey: number): void {
    super.accumulate(batch, dropoutKey);
    const value = this.value();
    if (value === undefined) return;
    const [{ grad }] = this.model.parameters.groups;
    const spoilt = this.part === "loss" ? this.#loss! : grad;
    const values = new Float32Array(spoilt.length).fill(value);
    this.model.backend.write(spoilt, values);
  }
}

/** Runs some steps, with gradients or losses of some windows that are not finite. */
async function runWith(
  spoil: (window: number) => number | undefined,
  work: (ran: {
    result: Promise<RunResult>;
    folder: string;
    trainer: Trainer;
    rewinds: Rewind[];
    spikes: Spike[];
  }) => Promise<void>,
  { part = "gradients", steps = 60, saveEvery = 5, logEvery = 1, ...told }: {
    part?: "gradients" | "loss";
    steps?: number;
    saveEvery?: number;
    logEvery?: number;
    onStep?: (step: { step: number }, folder: string) => void;
    onDamaged?: (error: Error) => void;
  } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const tokens = Array.from({ length: 999 }, (_, i) => i % 7);
  await writeTokens(`${folder}/train.bin`, tokens);
  using dataset = MmapDataset.open(`${folder}/train.bin`);
  const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
  const model = new RWKV(config, new ReferenceBackend(), { training: true });
  model.initialize(1);
  const recipe = new TrainingConfig({
    ...{ maxSteps: steps, evalEvery: 1000, saveEvery, logEvery },
    ...{ gradientAccumulation: 1, warmupSteps: 1, learningRate: 0.01 },
  });
  const loader = new DataLoader(dataset, {
    ...{ batchSize: 1, contextLength: 4, seed: 1 },
  });
  // The loader has given the window out already.
  const value = () => spoil(loader.position - 1);
  const trainer = new SpoiltTrainer(model, recipe, value, part);
  const rewinds: Rewind[] = [], spikes: Spike[] = [];
  const result = run({
    ...{ trainer, loader, validation: [], output: folder, lastStep: steps },
    byteLengths: new Uint32Array(9).fill(1),
    tokenizerSha256: "0".repeat(64),
    run: "0123456789abcdef",
    onRewind: (rewind) => rewinds.push(rewind),
    onSpike: (_, spike) => spikes.push(spike),
    onStep: (step) => told.onStep?.(step, folder),
    onDamaged: told.onDamaged,
  });
  await work({ result, folder, trainer, rewinds, spikes });
  await Deno.remove(folder, { recursive: true });
}

for (const part of ["gradients", "loss"] as const) {
  Deno.test(`run() skips 100 steps whose ${part} are not finite, unharmed, and says which`, async () => {
    const bad = [NaN, Infinity, -Infinity];
    // Two of three windows, so that never ten come in a row.
    const isGood = (window: number) => window % 3 === 0;
    const spoil = (window: number) =>
      isGood(window) ? undefined : bad[(window >> 1) % bad.length];
    await runWith(spoil, async ({ result, folder, trainer, rewinds }) => {
      assertEquals([(await result).complete, rewinds], [true, []]);
      assertEquals([trainer.step, trainer.updates], [150, 50]);
      using model = await Checkpoint.open(`${folder}/model_final.mpk`);
      model.verify(); // which refuses what is not finite
      const log = await Deno.readTextFile(`${folder}/metrics.jsonl`);
      const lines = log.trimEnd().split("\n").map((line) => JSON.parse(line));
      const skipped = lines.flatMap(({ skippedAt }) => skippedAt ?? []);
      const windows = Array.from({ length: 150 }, (_, i) => i);
      assertEquals(skipped, windows.filter((window) => !isGood(window)));
      assert(lines.every(({ loss }) => Number.isFinite(loss)));
    }, { part, steps: 150 });
  });
}

/** Weights and moments of a checkpoint. */
async function valuesOf(path: string) {
  using checkpoint = await Checkpoint.open(path);
  return [...checkpoint.shapes.keys()].map((name) => ({
    name,
    weight: checkpoint.readWeight(name),
    ...checkpoint.readMoments(name),
  }));
}

Deno.test("run() keeps weights and moments as they were where steps are skipped", async () => {
  const values: unknown[] = [];
  const first = (window: number) => window === 0 ? undefined : NaN;
  for (const part of ["gradients", "loss"] as const) {
    await runWith(first, async ({ result, folder }) => {
      await result;
      values.push(await valuesOf(`${folder}/checkpoint_5.mpk`));
    }, { part, steps: 5 });
  }
  await runWith(first, async ({ result, folder }) => {
    await result;
    values.push(await valuesOf(`${folder}/checkpoint_1.mpk`));
  }, { steps: 1 });
  assertEquals(values[0], values[2]);
  assertEquals(values[1], values[2]);
});

Deno.test("run() goes back to its checkpoint after ten such steps, without their data", async () => {
  const spoil = (window: number) =>
    window >= 12 && window < 22 ? NaN : undefined;
  await runWith(spoil, async ({ result, folder, trainer, rewinds }) => {
    const { complete, steps } = await result;
    assertEquals([complete, steps, trainer.rateScale], [true, 60, 0.5]);
    assertEquals(rewinds, [
      { from: 22, to: 20, skippedData: [12, 22], rateScale: 0.5 },
    ]);
    using checkpoint = await Checkpoint.open(`${folder}/checkpoint_60.mpk`);
    assertEquals(checkpoint.train?.rateScale, 0.5);
    assertEquals(checkpoint.train?.dataPosition, 62);
    const log = await Deno.readTextFile(`${folder}/metrics.jsonl`);
    const lines = log.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.find(({ rewind }) => rewind).rewind, rewinds[0]);
    const steps21 = lines.filter(({ step }) => step === 21);
    assertEquals(steps21.length, 1);
    assert(steps21[0].learningRate < 0.005);
  });
});

Deno.test("run() ends with a clear word when going back has not helped three times", async () => {
  const spoil = (window: number) => window >= 12 ? NaN : undefined;
  await runWith(spoil, async ({ result, folder, rewinds }) => {
    await assertRejects(
      () => result,
      Error,
      "were not finite; going back to " + folder,
    );
    assertEquals(rewinds.map(({ rateScale }) => rateScale), [0.5, 0.25, 0.125]);
    using checkpoint = await Checkpoint.open(folder);
    checkpoint.verify();
  });
});

Deno.test("run() changes no weights where gradients are never finite", async () => {
  await runWith(() => NaN, async ({ result, folder }) => {
    await assertRejects(() => result, Error, "were not finite");
    using checkpoint = await Checkpoint.open(folder);
    assertEquals(checkpoint.train?.optimizerStep, 0);
  });
});

/** The lines of a run's log. */
async function linesOf(folder: string) {
  const log = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  return log.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("run() keeps its good steps where there is no checkpoint to go back to", async () => {
  const spoil = (window: number) =>
    window >= 12 && window < 22 ? NaN : undefined;
  await runWith(spoil, async ({ result, folder, trainer, rewinds }) => {
    assertEquals((await result).complete, true);
    assertEquals(rewinds, [
      { from: 22, to: 12, skippedData: [12, 22], rateScale: 0.5 },
    ]);
    assertEquals([trainer.step, trainer.updates, trainer.tokens], [
      40,
      40,
      160,
    ]);
    using checkpoint = await Checkpoint.open(`${folder}/checkpoint_12.mpk`);
    const { step, dataPosition, rateScale, unlogged } = checkpoint.train!;
    assertEquals([step, dataPosition, rateScale], [12, 22, 0.5]);
    assertEquals([unlogged?.steps, unlogged?.skippedAt], [2, []]);
    // The line of step 20, which was of skipped steps, is written anew.
    const steps = (await linesOf(folder)).map(({ step }) => step);
    assertEquals(steps, [5, 10, 12, 15, 20, 25, 30, 35, 40]);
  }, { steps: 40, saveEvery: 1000, logEvery: 5 });
});

Deno.test("run() ends with a checkpoint and a word about each skipped step", async () => {
  const spoil = (window: number) => window >= 12 ? NaN : undefined;
  await runWith(spoil, async ({ result, folder }) => {
    await assertRejects(() => result, Error, "has not helped 3 times");
    using checkpoint = await Checkpoint.open(folder);
    checkpoint.verify();
    assertEquals([checkpoint.train?.step, checkpoint.train?.optimizerStep], [
      12,
      12,
    ]);
    const lines = await linesOf(folder);
    const gone = lines.flatMap(({ rewind }) => rewind ? [rewind] : []);
    assertEquals(gone.map(({ skippedData }) => skippedData), [
      [12, 22],
      [22, 32],
      [32, 42],
    ]);
    assertEquals(lines.at(-1).skippedAt, [
      42,
      43,
      44,
      45,
      46,
      47,
      48,
      49,
      50,
      51,
    ]);
  }, { saveEvery: 1000, logEvery: 100 });
});

Deno.test("run() goes back to the checkpoint before one that is torn, and names it", async () => {
  const spoil = (window: number) =>
    window >= 22 && window < 32 ? NaN : undefined;
  const damaged: string[] = [];
  await runWith(spoil, async ({ result, rewinds, folder }) => {
    assertEquals((await result).complete, true);
    assertEquals(rewinds.map(({ from, to }) => [from, to]), [[32, 25]]);
    assertEquals(damaged.length, 1);
    assert(damaged[0].includes(`${folder}/checkpoint_30.mpk`), damaged[0]);
  }, {
    onStep: ({ step }, folder) => {
      const last = `${folder}/checkpoint_30.mpk`;
      if (step === 32) Deno.truncateSync(last, 1000);
    },
    onDamaged: ({ message }) => damaged.push(message),
  });
});

Deno.test("run() logs a loss that jumps up, with the place of its data", async () => {
  const spoil = (window: number) => window === 70 ? 50 : undefined;
  await runWith(spoil, async ({ result, folder, spikes }) => {
    await result;
    assertEquals(spikes.map(({ loss, data }) => [loss, data]), [[50, [
      70,
      71,
    ]]]);
    const lines = await linesOf(folder);
    assertEquals(
      lines.flatMap(({ step, spike }) => spike ? [[step, spike]] : []),
      [[71, spikes[0]]],
    );
  }, { part: "loss", steps: 80 });
});
