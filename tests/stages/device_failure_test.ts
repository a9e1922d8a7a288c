/** What becomes of a run whose device fails, through the code of `train`. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import {
  train as trainModel,
  type TrainOptions,
} from "../../lib/stages/train.ts";
import type { TrainingResult } from "../../lib/stages/training_options.ts";
import { TokenizedDatasetWriter } from "../../lib/dataset/dataset_writer.ts";
import { BPETokenizer } from "../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { reads, TEXT, writeSmallVocab } from "../commands/run_cli.ts";

/** A folder with a dataset, its tokenizer and the description of a model. */
async function makeData(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/tokenizer.json`;
  const vocab = await writeSmallVocab(path, { vocabSize: 300 });
  const tokenizer = new BPETokenizer(vocab);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  for (const text of TEXT.split("\n\n")) {
    await writer.write("train", tokenizer.encode(text), text.length);
  }
  await writer.finish();
  await Deno.writeTextFile(
    `${folder}/model.toml`,
    "d_model = 64\nn_layers = 2\nd_ffn = 64\nmax_seq_len = 16\n",
  );
  return folder;
}

/** Trains a small model into `output`. */
async function train(
  backend: TrainOptions["backend"],
  { output, batch, data, recompute = false, onStep = () => {}, onDeviceLost }: {
    output: string;
    batch: number;
    data?: string;
    recompute?: boolean;
    onStep?: (step: number) => void;
    onDeviceLost?: TrainOptions["onDeviceLost"];
  },
): Promise<TrainingResult> {
  data ??= await makeData();
  return await trainModel({
    data,
    output,
    modelConfig: `${data}/model.toml`,
    dropout: 0.1,
    batchSize: batch,
    gradAccum: 1,
    maxSteps: 6,
    saveEvery: 2,
    seed: 1,
    recompute,
    backend,
    onStep: ({ step }) => onStep(step),
    onDeviceLost,
  });
}

gpuTest("train names the size that fits when memory runs out", async () => {
  const output = await Deno.makeTempDir();
  const limits = { software: true, memoryLimit: 5 * 2 ** 20 };
  let message: string;
  {
    using backend = await WebGpuBackend.create(limits);
    const error = await assertRejects(
      () => train(backend, { output, batch: 100 }),
      Error,
      "Cannot train with 100 windows of 16 tokens: the device cannot hold",
    );
    ({ message } = error);
  }
  const [, size] = /--recompute --batch-size (\d+) --seq-len 16 would fit$/
    .exec(message) ?? [];
  assert(Number(size) >= 1 && Number(size) < 100, message);
  assertMatch(message, /^[^\n]+$/);
  assert((await reads(output)).every((name) => !name.endsWith(".mpk")));

  using backend = await WebGpuBackend.create(limits);
  const fits = { output, batch: Number(size), recompute: true };
  const { complete } = await train(backend, fits);
  assertEquals(complete, true);
});

gpuTest(
  "train ends with a whole checkpoint when the device is lost",
  async () => {
    const output = await Deno.makeTempDir();
    using backend = await WebGpuBackend.create({ software: true });
    const onStep = (step: number) => {
      if (step === 3) backend.device.gpu.destroy();
    };
    const { message } = await assertRejects(
      () => train(backend, { output, batch: 2, onStep }),
      Error,
      "Cannot go on training: the device was lost",
    );
    assert(message.endsWith(`; ${output}/checkpoint_2.mpk is whole`), message);
    assertMatch(message, /^[^\n]+$/);
    const files = await reads(output);
    assertEquals(
      files.filter((name) => /\.(?:mpk|tmp)$/.test(name)),
      ["checkpoint_2.mpk"],
    );
    using checkpoint = await Checkpoint.open(output);
    assertEquals(checkpoint.train?.step, 2);
  },
);

/** Opens devices for a run, which are lost after some of the steps it makes. */
function losingDevices(losses: readonly number[]) {
  let device: GPUDevice, made = 0;
  return {
    backend: async () => {
      const backend = await WebGpuBackend.create({ software: true });
      device = backend.device.gpu;
      return backend;
    },
    onStep: () => losses.includes(++made) && device.destroy(),
  };
}

/** What a run's log says of its steps, but for the time and the speed. */
async function losses(output: string): Promise<unknown[]> {
  const text = await Deno.readTextFile(`${output}/metrics.jsonl`);
  return text.trimEnd().split("\n").map((line) => {
    const { step, tokens, loss, gradientNorm, updateRatio } = JSON.parse(line);
    return { step, tokens, loss, gradientNorm, updateRatio };
  });
}

gpuTest(
  "train goes on to the same bits when the device is lost once",
  async () => {
    const data = await makeData();
    const whole = await Deno.makeTempDir();
    await train("webgpu", { output: whole, batch: 2, data });
    const bytes = await Deno.readFile(`${whole}/model_final.mpk`);
    // Before the first checkpoint, and after the second.
    for (const [lost, from] of [[1, 0], [5, 4]]) {
      const output = await Deno.makeTempDir();
      const { backend, onStep } = losingDevices([lost]);
      const told: unknown[] = [];
      const result = await train(backend, {
        output,
        batch: 2,
        data,
        onStep,
        onDeviceLost: (loss) => told.push(loss),
      });
      assertEquals([result.complete, result.steps], [true, 6]);
      assertEquals(told, [{ reason: "device was lost", step: from }]);
      assertEquals(await Deno.readFile(`${output}/model_final.mpk`), bytes);
      if (from > 0) continue; // the mean loss of a line is since the checkpoint
      assertEquals(await losses(output), await losses(whole));
    }
  },
);

gpuTest(
  "train ends with a clear word when the device is lost twice",
  async () => {
    const output = await Deno.makeTempDir();
    const { backend, onStep } = losingDevices([3, 4]);
    const told: number[] = [];
    await assertRejects(
      () =>
        train(backend, {
          output,
          batch: 2,
          onStep,
          onDeviceLost: ({ step }) => told.push(step),
        }),
      Error,
      "Cannot go on training: the device was lost",
    );
    assertEquals(told, [2]);
    using checkpoint = await Checkpoint.open(output);
    assertEquals(checkpoint.train?.step, 2);
  },
);
