/** Gradients that are not finite harm no weights, and a run gets over them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { type Batch, DataLoader } from "../../lib/dataset/data_loader.ts";
import { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import type { Rewind } from "../../lib/train/rewind.ts";
import { run, type RunResult } from "../../lib/train/run.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { writeTokens } from "../dataset/token_files.ts";

/** A trainer whose gradients are spoilt where it is told. */
class SpoiltTrainer extends Trainer {
  constructor(
    model: RWKV,
    recipe: TrainingConfig,
    readonly value: () => number | undefined,
  ) {
    super(model, recipe);
  }

  override accumulate(batch: Batch, dropoutKey: number): void {
    super.accumulate(batch, dropoutKey);
    const value = this.value();
    if (value === undefined) return;
    const [{ grad, data }] = this.model.parameters.groups;
    const values = new Float32Array(data.length).fill(value);
    this.model.backend.write(grad, values);
  }
}

/** Runs 60 steps, with gradients of some windows that are not finite. */
async function runWith(
  spoil: (window: number) => number | undefined,
  work: (ran: {
    result: Promise<RunResult>;
    folder: string;
    trainer: Trainer;
    rewinds: Rewind[];
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const tokens = Array.from({ length: 999 }, (_, i) => i % 7);
  await writeTokens(`${folder}/train.bin`, tokens);
  using dataset = MmapDataset.open(`${folder}/train.bin`);
  const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
  const model = new RWKV(config, new ReferenceBackend(), { training: true });
  model.initialize(1);
  const recipe = new TrainingConfig({
    ...{ maxSteps: 60, evalEvery: 1000, saveEvery: 5, logEvery: 1 },
    ...{ gradientAccumulation: 1, warmupSteps: 1, learningRate: 0.01 },
  });
  const loader = new DataLoader(dataset, {
    ...{ batchSize: 1, contextLength: 4, seed: 1 },
  });
  // The loader has given the window out already.
  const value = () => spoil(loader.position - 1);
  const trainer = new SpoiltTrainer(model, recipe, value);
  const rewinds: Rewind[] = [];
  const result = run({
    ...{ trainer, loader, validation: [], output: folder, lastStep: 60 },
    byteLengths: new Uint32Array(9).fill(1),
    tokenizerSha256: "0".repeat(64),
    run: "0123456789abcdef",
    onRewind: (rewind) => rewinds.push(rewind),
  });
  await work({ result, folder, trainer, rewinds });
  await Deno.remove(folder, { recursive: true });
}

Deno.test("run() skips 100 steps of gradients that are not finite, unharmed, and says which", async () => {
  const bad = [NaN, Infinity, -Infinity];
  // Two of three windows, so that never ten come in a row.
  const spoil = (window: number) =>
    window % 3 === 0 ? undefined : bad[window % bad.length];
  await runWith(spoil, async ({ result, folder, trainer, rewinds }) => {
    assertEquals([(await result).complete, rewinds], [true, []]);
    assertEquals([trainer.step, trainer.updates], [60, 20]);
    using model = await Checkpoint.open(`${folder}/model_final.mpk`);
    model.verify(); // which refuses what is not finite
    const log = await Deno.readTextFile(`${folder}/metrics.jsonl`);
    const skipped = log.trimEnd().split("\n").flatMap((line) =>
      JSON.parse(line).skippedAt ?? []
    );
    const windows = Array.from({ length: 60 }, (_, i) => i);
    assertEquals(skipped, windows.filter((window) => window % 3 !== 0));
  });
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
