/** A run ends in good order whenever its signal comes. */

import { assertEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { DataLoader } from "../../lib/dataset/data_loader.ts";
import { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { run } from "../../lib/train/run.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { writeTokens } from "../dataset/token_files.ts";

Deno.test("run() saves where it stands when the signal comes while it validates", async () => {
  const folder = await Deno.makeTempDir();
  await writeTokens(`${folder}/train.bin`, Array.from({ length: 99 }, () => 1));
  using dataset = MmapDataset.open(`${folder}/train.bin`);
  const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
  const model = new RWKV(config, new ReferenceBackend(), { training: true });
  const recipe = new TrainingConfig({
    maxSteps: 9,
    evalEvery: 2,
    gradientAccumulation: 1,
  });
  const trainer = new Trainer(model, recipe);
  const abort = new AbortController();
  const result = await run({
    trainer,
    loader: new DataLoader(dataset, {
      batchSize: 1,
      contextLength: 4,
      seed: 1,
    }),
    validation: [dataset],
    byteLengths: new Uint32Array(9).fill(1),
    tokenizerSha256: "0".repeat(64),
    output: folder,
    lastStep: 9,
    signal: abort.signal,
    // The second step is followed by a validation.
    onStep: ({ step }) => step === 2 && abort.abort(),
  });
  assertEquals([result.complete, result.steps], [false, 2]);
  assertEquals(result.validation, undefined);
  using checkpoint = await Checkpoint.open(result.checkpoint);
  assertEquals(checkpoint.train?.step, 2);
});
