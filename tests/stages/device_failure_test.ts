/** What becomes of a run whose device fails, through the code of `train`. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { train as trainModel } from "../../lib/stages/train.ts";
import type { TrainingResult } from "../../lib/stages/training.ts";
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
  backend: WebGpuBackend,
  { output, batch, recompute = false, onStep = () => {} }: {
    output: string;
    batch: number;
    recompute?: boolean;
    onStep?: (step: number) => void;
  },
): Promise<TrainingResult> {
  const data = await makeData();
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
